// One course: its run as it goes, what came of it, its files, and ways to generate it again.
// Knows what statuses and outcomes mean for a person; the pieces it shows are modules of their own.

import { button, chip, errorNotice, notice, noticePlace, viewHeading, whileBusy } from "../components.js";
import { el, fill, setAttribute, setText } from "../dom.js";
import { RequestError } from "../errors.js";
import { poll } from "../poll.js";
import { count, languageName, languageTag, moment, statusOf, stepName } from "../wording.js";
import { downloads } from "./downloads.js";
import { generationOptions } from "./generation-options.js";
import { lessonBoard } from "./lesson-board.js";

/** How many of the lessons that are missing are named before the list of all lessons. */
const NAMED_MISSING = 5;

const JOINED = notice.bind(null, "info", "This course was being generated already",
  "You joined that run: nothing was started twice, and what you chose now does not apply to it.");

/** The view of the course `courseId`. `joined`: the start that led here joined a run. `announce` reaches screen readers. */
export function courseView({ api, textModels, courseId, joined = false, setTitle, announce, onError }) {
  const place = noticePlace();
  const connection = noticePlace();
  const outcome = noticePlace();
  const heading = viewHeading("Course");
  const facts = el("p", { class: "facts" });
  const status = el("div", {});
  const bar = el("progress", { max: "100", "aria-labelledby": "step" });
  const step = el("p", { class: "step", id: "step" });
  const tally = el("p", { class: "step-tally" });
  const progress = el("section", { class: "panel progress", "aria-label": "Progress", hidden: true },
    el("div", { class: "step-line" }, step, tally), bar);
  const board = lessonBoard();
  const lessons = el("section", { "aria-labelledby": "lessons-heading", hidden: true },
    el("h2", { id: "lessons-heading" }, "Lessons"), board.element);
  const files = downloads(async () => {
    try {
      await loadCourse();
    } catch (error) {
      failed(error);
    }
  });
  const again = el("div", {});
  const body = el("div", { class: "course", hidden: true }, progress, outcome.element, files.element, lessons, again);
  const loading = el("p", { class: "loading" }, "Loading the course…");
  let course = null;
  let stopPolling = () => {};
  let said = null; // the last progress that was announced
  let shownStatus = null;

  async function loadCourse() {
    course = await api.course(courseId);
    loading.remove();
    body.hidden = false;
    setText(heading, course.title || "Untitled course");
    setAttribute(heading, "lang", languageTag(course.language));
    fill(facts, [count(course.modules, "module"), count(course.lessons, "lesson"), languageName(course.language), moment(course.createdAt)]
      .filter(Boolean).map((fact) => el("span", {}, fact)));
    setTitle(course.title);
    files.show(course.files ?? []);
  }

  function follow() {
    stopPolling();
    said = null;
    let watched = false;
    stopPolling = poll(async () => {
      if (course === null) await loadCourse();
      const run = await api.execution(course.executionId);
      const running = run.status === "RUNNING";
      if (watched && !running) await loadCourse(); // it ended just now: there are new files
      watched = running;
      connection.clear();
      showRun(run, running);
      return running;
    }, {
      every: 1000,
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
      showStatus(statusOf(course));
      outcome.show(notice("info", "The progress of this run is no longer kept", "The files of the course are still here."));
      showAgain();
      return;
    }
    place.show(error instanceof RequestError && error.status === 404
      ? notice("bad", "This course is not here", "It does not exist, or it belongs to somebody else. Your own courses are in the list.")
      : errorNotice(error));
  }

  function showStatus(now) {
    if (now.label !== shownStatus) fill(status, chip(now));
    shownStatus = now.label;
  }

  function showRun(run, running) {
    showStatus(statusOf(run));
    progress.hidden = !running;
    setText(step, stepName(run.step));
    setText(tally, `${run.done} of ${count(run.total, "lesson")} · ${run.percent} %`);
    setAttribute(bar, "value", run.percent);
    lessons.hidden = run.lessons.length === 0;
    board.update(run.lessons, course.language);
    setTitle(running ? `${run.percent} % · ${course.title}` : course.title);
    if (running) {
      sayProgress(run);
      outcome.clear();
      fill(again);
    } else {
      outcome.show(outcomeNotice(run));
      showAgain();
    }
  }

  /** Announces a new step and every tenth of the way: not each second. */
  function sayProgress(run) {
    const now = `${run.step} ${Math.floor(run.percent / 10)}`;
    if (now !== said) announce(`${stepName(run.step)}: ${run.percent} percent.`);
    said = now;
  }

  function outcomeNotice(run) {
    const missing = run.lessons.filter((lesson) => lesson.state === "failed");
    if (run.status === "SUCCEEDED" && run.outcome === "complete") {
      return notice("good", "The book is ready", `${count(run.total, "lesson")}, nothing missing.`);
    }
    const generate = { label: "Generate what is missing", run: (event) => whileBusy(event.currentTarget, "Starting…", () => start(missingOnly())) };
    if (run.status === "SUCCEEDED" && run.outcome === "incomplete") {
      return notice("warn", missing.length > 0 ? `The book is made, but ${count(missing.length, "lesson")} could not be written` : "The book is made, but something is missing",
        [run.error || null, missingList(missing), "What is written is kept: generating again does only the rest."], generate);
    }
    return notice("bad", `${statusOf(run).label}`,
      run.error || "What was written until then is kept: generating again does only the rest.", generate);
  }

  /** The first lessons that are missing, each with its reason; null if there are none. */
  function missingList(missing) {
    if (missing.length === 0) return null;
    const named = missing.slice(0, NAMED_MISSING).map((lesson) => el("li", {}, `${lesson.module}.${lesson.number} `,
      el("strong", { lang: languageTag(course.language) }, lesson.title), lesson.reason && `: ${lesson.reason}`));
    const more = missing.length - named.length;
    return el("ul", {}, named, more > 0 && el("li", {}, `and ${count(more, "more lesson")}`));
  }

  /** The request for what is missing: as before (if that model is still there), without writing anything again. */
  function missingOnly() {
    const { modules, model } = course.request;
    return { modules, model: textModels.includes(model) ? model : null, force: false };
  }

  function showAgain() {
    const options = generationOptions({ textModels, withForce: true, request: course.request });
    const go = button("Generate again", { type: "submit" });
    fill(again, el("details", { class: "panel again" },
      el("summary", {}, "Generate again"),
      el("form", {
        class: "stack", novalidate: true,
        on: {
          submit(event) {
            event.preventDefault();
            const chosen = options.read();
            if (chosen !== null) whileBusy(go, "Starting…", () => start(chosen));
          },
        },
      }, options.element,
      el("div", { class: "form-end" }, go, el("a", { href: `#/courses/${courseId}/outline` }, "Use a corrected outline")))));
  }

  async function start(chosen) {
    place.clear();
    try {
      const started = await api.start(courseId, { uploadId: null, ...chosen });
      course.executionId = started.executionId;
      if (started.joined) place.show(JOINED());
      heading.focus(); // the button that was pressed goes away
      follow();
    } catch (error) {
      if (!onError(error)) place.show(errorNotice(error));
    }
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
