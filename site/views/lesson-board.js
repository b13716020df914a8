// The lessons of a run, by module, filling in. Changes only what differs, so that nothing blinks while one looks.

import { el, fill, setAttribute, setText } from "../dom.js";
import { LESSON_STATES, count, languageTag } from "../wording.js";

/** {element, update(lessons, language)}; a lesson: {id, module, number, title, state, reason?, words?}. */
export function lessonBoard() {
  const element = el("div", { class: "board" });
  let order = "";
  let modules = new Map();
  let rows = new Map();

  function build(lessons, language) {
    modules = new Map();
    rows = new Map();
    for (const lesson of lessons) {
      if (!modules.has(lesson.module)) modules.set(lesson.module, newModule(lesson.module));
      const row = newRow(lesson, language);
      rows.set(lesson.id, row);
      modules.get(lesson.module).list.append(row.element);
    }
    fill(element, [...modules.values()].map((module) => module.element));
  }

  return {
    element,
    update(lessons, language) {
      const fresh = lessons.map((lesson) => lesson.id).join();
      if (fresh !== order) build(lessons, language);
      order = fresh;
      for (const lesson of lessons) rows.get(lesson.id).update(lesson);
      for (const [number, module] of modules) {
        const own = lessons.filter((lesson) => lesson.module === number);
        const done = own.filter((lesson) => ["written", "skipped"].includes(lesson.state)).length;
        setText(module.tally, `${done} of ${own.length}`);
      }
    },
  };
}

function newModule(number) {
  const list = el("ol", { class: "lessons" });
  const tally = el("span", { class: "tally" });
  const heading = `module-${number}`;
  return {
    list,
    tally,
    element: el("section", { class: "module", "aria-labelledby": heading },
      el("div", { class: "module-head" }, el("h3", { id: heading }, `Module ${number}`), tally), list),
  };
}

function newRow(lesson, language) {
  const state = el("span", { class: "lesson-state" });
  const words = el("span", { class: "lesson-words" });
  const reason = el("p", { class: "lesson-reason", hidden: true });
  const element = el("li", { class: "lesson" },
    el("span", { class: "lesson-mark", "aria-hidden": "true" }),
    el("div", { class: "lesson-text" },
      el("p", { class: "lesson-title" },
        el("span", { class: "lesson-number" }, `${lesson.module}.${lesson.number}`), " ",
        el("span", { lang: languageTag(language) }, lesson.title)),
      reason),
    el("p", { class: "lesson-facts" }, state, words));
  return {
    element,
    update({ state: now, words: written, reason: why }) {
      setAttribute(element, "data-state", now);
      setText(state, LESSON_STATES[now] ?? now);
      setText(words, written ? count(written, "word") : "");
      setText(reason, why ?? "");
      reason.hidden = !why;
    },
  };
}
