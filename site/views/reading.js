// One lesson or lab guide to read, with the ones before and after it. Knows how a text is set; what is in it comes as HTML
// from the API and reaches the page only as safe pieces.

import { errorNotice, notice, noticePlace, viewHeading } from "../components.js";
import { el, fill, setAttribute, setText } from "../dom.js";
import { RequestError } from "../errors.js";
import { safeNodes } from "../markup.js";
import { KINDS, unitOf, unitsOfFiles } from "../units.js";
import { capitalized, count, languageName, languageTag } from "../wording.js";

/** The view of the unit `unitId` ("03-02", "lab-03-02") of a course. */
export function readingView({ api, courseId, unitId, setTitle, onError }) {
  const position = unitOf(unitId);
  const place = noticePlace();
  const heading = viewHeading("Reading");
  const kicker = el("p", { class: "kicker" });
  const facts = el("p", { class: "facts" });
  const text = el("div", { class: "text" }, el("p", { class: "loading" }, "Loading the text…"));
  const neighbours = el("nav", { class: "neighbours", "aria-label": "Before and after", hidden: true });
  const back = el("a", { class: "back", href: `#/courses/${courseId}` }, "Back to the course");
  let stopped = false;

  async function load() {
    try {
      const [unit, course] = await Promise.all([api.unit(courseId, unitId), api.course(courseId)]);
      if (!stopped) show(unit, course);
    } catch (error) {
      if (stopped || onError(error)) return;
      fill(text);
      if (error instanceof RequestError && error.status === 404) nothingHere();
      else place.show(errorNotice(error, { label: "Try again", run: retry }));
    }
  }

  function nothingHere() {
    fill(text);
    place.show(notice("info", "There is nothing to read here yet", "It is not written yet, or the address is incomplete. See the course for more."));
  }

  function retry() {
    place.clear();
    fill(text, el("p", { class: "loading" }, "Loading the text…"));
    heading.focus();
    load();
  }

  function show(unit, course) {
    const { kind, module, number } = position;
    const lang = languageTag(unit.language);
    setText(kicker, `${capitalized(KINDS[kind].one)} ${module}.${number}`);
    setText(heading, unit.title);
    setAttribute(heading, "lang", lang);
    setTitle(`${unit.title} · ${course.title}`);
    setText(back, course.title || "Back to the course");
    setAttribute(back, "lang", languageTag(course.language));
    fill(facts, [unit.words && count(unit.words, "word"), unit.words && `${count(Math.max(1, Math.round(unit.words / 200)), "minute")} to read`,
      languageName(unit.language)].filter(Boolean).map((fact) => el("span", {}, fact)));
    setAttribute(text, "lang", lang);
    fill(text, safeNodes(unit.html));
    showNeighbours(kind, course.files ?? []);
  }

  function showNeighbours(kind, files) {
    const units = unitsOfFiles(files).filter((unit) => unit.kind === kind);
    const at = units.findIndex((unit) => unit.id === unitId);
    const link = (unit, label, rel) => unit && el("a", { class: "button", rel, href: `#/courses/${courseId}/units/${unit.id}` },
      `${label}: ${KINDS[kind].one} ${unit.module}.${unit.number}`);
    const [before, after] = at < 0 ? [] : [link(units[at - 1], "Previous", "prev"), link(units[at + 1], "Next", "next")];
    neighbours.hidden = !before && !after;
    fill(neighbours, before || el("span", {}), after);
  }

  if (position === null) nothingHere();
  else load();
  return {
    element: el("article", { class: "reading" }, back, kicker, heading, facts, place.element, text, neighbours),
    title: "Reading",
    stop() { stopped = true; },
  };
}
