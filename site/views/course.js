// One course: its run as it goes, what came of it, its files, and ways to generate it again, in whole or in part.
// Asks the API and keeps the pieces true; what each of them shows is a module of its own.

import { button, chip, errorNotice, notice, noticePlace, viewHeading, whileBusy } from "../components.js";
import { el, fill, setAttribute, setText } from "../dom.js";
import { RequestError } from "../errors.js";
import { poll } from "../poll.js";
import { wholeCourse } from "../units.js";
import { count, doing, kindsHeading, languageName, languageTag, moment, money, statusOf } from "../wording.js";
import { downloads } from "./downloads.js";
import { generationOptions, sameChoices } from "./generation-options.js";
import { outcomeNotice } from "./outcome.js";
import { runPanel } from "./run-panel.js";
import { unitBoard } from "./unit-board.js";

/** How often a run is asked after, by how many units its answer carries. Milliseconds. */
const SOON = 1000;
const LATER = 3000;
const MANY_UNITS = 300;

const JOINED = notice.bind(null, "info", "This course was being generated already",
  "You joined that run: nothing was started twice, and what you chose now does not apply to it.");

/**
 * The view of the course `courseId`. `titles` (Map of titles by unit's id) outlives it; `joined`: the start that led here
 * joined a run; `announce` reaches screen readers.
 */
export function courseView({ api, models, limits, courseId, titles, joined = false, setTitle, announce, onError }) {
  const place = noticePlace();
  const connection = noticePlace();
  const outcome = noticePlace();
  const heading = viewHeading("Course");
  const facts = el("p", { class: "facts" });
  const status = el("div", {});
  const progress = runPanel(cancel);
  const board = unitBoard({
    courseId,
    language: () => course?.language,
    mayWrite: () => !running,
    writeAgain: (unit, control) => whileBusy(control, "Starting…", () => start({ ...sameChoices(course.request, { models, limits }), content: null, slides: false, modules: null, only: [unit.id] })),
  });
  const unitsHeading = el("h2", { id: "units-heading" });
  const units = el("section", { "aria-labelledby": "units-heading", hidden: true }, unitsHeading, board.element);
  const files = downloads(async () => {
    try {
      await loadCourse();
    } catch (error) {
      failed(error);
    }
  });
  const again = el("div", {});
  const body = el("div", { class: "course", hidden: true }, outcome.element, progress.element, files.element, units, again);
  const loading = el("p", { class: "loading" }, "Loading the course…");
  let course = null;
  let shown = null; // the run as it was shown last
  let running = true; // until it is known that it is not
  let stopPolling = () => {};
  let said = null; // the last progress that was announced

  async function loadCourse() {
    course = await api.course(courseId);
    loading.remove();
    body.hidden = false;
    setText(heading, course.title || "Untitled course");
    setAttribute(heading, "lang", languageTag(course.language));
    fill(facts, [count(course.modules, "module"), count(course.lessons, "lesson"), course.labs > 0 && count(course.labs, "lab"),
      languageName(course.language), moment(course.createdAt), course.spent > 0 && `${money(course.spent)} so far`]
      .filter(Boolean).map((fact) => el("span", {}, fact)));
    files.show(course.files ?? []);
  }

  function follow() {
    stopPolling();
    said = null;
    shown = null;
    running = true;
    stopPolling = poll(async () => {
      if (course === null) await loadCourse();
      const run = await api.execution(course.executionId);
      running = run.status === "RUNNING";
      const endedNow = shown !== null && !running;
      if (endedNow) await loadCourse(); // there are new files
      connection.clear();
      showRun(run, endedNow);
      return running;
    }, {
      every: () => ((shown?.units.length ?? 0) > MANY_UNITS ? LATER : SOON),
      hidden: 20_000,
      onTrouble: () => connection.show(notice("warn", "The connection is interrupted",
        "The course goes on being generated without this page. Trying again…")),
      onFailure: failed,
    });
  }

  function failed(error) {
    connection.clear();
    if (onError(error)) return;
    loading.remove();
    if (error instanceof RequestError && error.status === 404 && course !== null) {
      // Progress is kept for a limited time; the course and its files stay.
      running = false;
      showStatus(statusOf(course));
      setTitle(course.title);
      outcome.show(notice("info", "The progress of this run is no longer kept", "What was written is still here."));
      showUnits([]);
      showAgain();
      return;
    }
    place.show(error instanceof RequestError && error.status === 404
      ? notice("bad", "This course is not here", "It does not exist, or it belongs to somebody else. Your own courses are in the list.")
      : errorNotice(error));
  }

  function showStatus(now) {
    if (status.textContent !== now.label) fill(status, chip(now));
  }

  function showRun(run, endedNow) {
    shown = run;
    const now = statusOf(run);
    showStatus(now);
    progress.update(run, running);
    showUnits(run.units);
    if (running) {
      setTitle(`${run.percent} % · ${course.title}`);
      sayProgress(run);
      outcome.clear();
      fill(again);
      return;
    }
    outcome.show(outcomeNotice(run, course, (control) => whileBusy(control, "Starting…", () => start(sameChoices(course.request, { models, limits })))));
    // Whoever did something else meanwhile finds it in the title of the tab.
    setTitle(endedNow ? `${now.label} · ${course.title}` : course.title);
    if (endedNow) announce(""); // the place of the outcome is read out itself
    showAgain();
  }

  /** The units of the run and those that are there besides: a run may concern a single lesson. */
  function showUnits(ofRun) {
    for (const unit of ofRun) titles.set(unit.id, unit.title);
    const all = wholeCourse(ofRun, course.files ?? [], titles);
    units.hidden = all.length === 0;
    setText(unitsHeading, kindsHeading(all));
    board.update(all);
  }

  /** Announces a new step and every tenth of the way: not each second. */
  function sayProgress(run) {
    const step = run.cancelling ? "Cancelling" : doing(run.steps);
    const now = `${step} ${Math.floor(run.percent / 10)}`;
    if (now !== said) announce(`${step}: ${run.percent} percent.`);
    said = now;
  }

  function showAgain() {
    const options = generationOptions({ models, limits, existing: true, request: course.request });
    const go = button("Generate again", { type: "submit", class: "button primary" });
    fill(again, el("details", { class: "panel again" },
      el("summary", {}, "Generate again"),
      el("form", {
        class: "stack", novalidate: true,
        on: {
          submit(event) {
            event.preventDefault();
            const chosen = options.read();
            if (chosen !== null) whileBusy(go, "Starting…", () => start(chosen, options.refuse));
          },
        },
      }, options.element,
      el("div", { class: "form-end" }, go, el("a", { href: `#/courses/${courseId}/outline` }, "Use a corrected outline")))));
  }

  async function start(chosen, refuse = () => false) {
    place.clear();
    try {
      const started = await api.start(courseId, null, chosen);
      course.executionId = started.executionId;
      if (started.joined) place.show(JOINED());
      heading.focus(); // the button that was pressed goes away
      follow();
    } catch (error) {
      if (onError(error) || refuse(error)) return;
      place.show(errorNotice(error));
      place.element.scrollIntoView({ block: "center" });
    }
  }

  async function cancel(control) {
    place.clear();
    await whileBusy(control, "Cancelling…", async () => {
      try {
        await api.cancel(course.executionId);
        heading.focus(); // the question goes away
      } catch (error) {
        if (onError(error)) return;
        if (error instanceof RequestError && error.status === 409) return; // it has ended meanwhile, which is shown soon
        place.show(errorNotice(error));
        return;
      }
      progress.update({ ...shown, cancelling: true }, true);
    });
  }

  if (joined) place.show(JOINED());
  follow();
  return {
    element: el("div", {},
      el("a", { class: "back", href: "#/" }, "Your courses"),
      heading, el("div", { class: "status-line" }, status, facts),
      place.element, connection.element, loading, body),
    title: "Course",
    stop: () => stopPolling(),
  };
}
