// One lesson, lab or slide deck of a run: a line with its state that opens to show more and what can be done with it.
// Changes only what differs, so that nothing blinks while one looks. Knows nothing of the other cells.

import { askingButton } from "../components.js";
import { el, fill, setAttribute, setText } from "../dom.js";
import { KINDS } from "../units.js";
import { about, count, languageTag, money, stateName, textModelName } from "../wording.js";

/**
 * {element, unit, update(unit)} for the first state of a unit. `host` is the course that it belongs to: {courseId,
 * language(), mayWrite(), writeAgain(unit, button)}; `mayWrite` tells whether a unit may be written now.
 */
export function unitCell(first, host) {
  const state = el("span", { class: "unit-state" });
  const facts = el("span", { class: "unit-facts" });
  const reason = el("span", { class: "unit-reason", hidden: true });
  const more = el("div", { class: "unit-more", hidden: true });
  const line = el("button", { type: "button", class: "unit-line", "aria-expanded": "false", on: { click: toggle } },
    el("span", { class: "unit-mark", "aria-hidden": "true" }),
    el("span", { class: "unit-text" },
      el("span", { class: "unit-title" },
        first.kind === "slides" ? null : [el("span", { class: "unit-number" }, place(first)), " "],
        el("span", { lang: first.title ? languageTag(host.language()) : null }, first.title || `Slides of module ${first.module}`)),
      " ", reason, " ", el("span", { class: "unit-status" }, state, facts)));
  const element = el("li", { class: "unit" }, line, more);
  let unit = first;
  let shown = null;
  let detailed = null;

  function toggle() {
    more.hidden = !more.hidden;
    line.setAttribute("aria-expanded", String(!more.hidden));
    if (more.hidden) fill(more);
    detailed = null;
    detail();
  }

  /** What an open cell shows: made when it is opened and when it no longer holds, so that a question in it is not lost. */
  function detail() {
    if (more.hidden) return;
    const now = JSON.stringify([unit, host.mayWrite()]);
    if (now === detailed) return;
    detailed = now;
    const written = ["written", "skipped"].includes(unit.state);
    const rows = [
      unit.model && ["Model", textModelName(unit.model)],
      unit.inputTokens > 0 && ["Tokens", `${about(unit.inputTokens)} read, ${about(unit.outputTokens)} written`],
      unit.cost > 0 && ["Cost", money(unit.cost)],
    ].filter(Boolean);
    fill(more,
      rows.length > 0 && el("dl", { class: "unit-rows" }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
      rows.length === 0 && !written && !host.mayWrite() && el("p", { class: "quiet" }, "Nothing was spent on it in this run yet."),
      el("div", { class: "unit-actions" },
        written && unit.kind !== "slides" && el("a", {
          class: "button small", href: `#/courses/${host.courseId}/units/${unit.id}`,
        }, `Read ${KINDS[unit.kind].one}`),
        host.mayWrite() && writeAgain(written)));
  }

  function writeAgain(written) {
    const what = unit.kind === "slides" ? "Make these slides" : `Write this ${KINDS[unit.kind].one}`;
    return askingButton(written ? `${what} again` : what, {
      attributes: { class: "button small" },
      ask: () => ({
        question: `${written ? "What is there now is replaced" : "Nothing else is written"}${
          unit.kind === "slides" ? "" : ", and the book is bound again"}. ${price()}`,
        yes: written ? "Write it again" : "Write it",
        no: "No, leave it",
      }),
      run: (button) => host.writeAgain(unit, button),
    }).element;
  }

  function price() {
    if (unit.cost > 0) return `Last time it cost ${money(unit.cost)}.`;
    return unit.model?.startsWith("sample") ? "Sample text costs nothing." : "A model is asked for it, which may cost something.";
  }

  const cell = {
    element,
    get unit() { return unit; },
    update(now) {
      unit = now;
      const signature = `${now.state} ${now.words} ${now.retries} ${now.cost} ${now.reason}`;
      if (signature !== shown) {
        shown = signature;
        setAttribute(element, "data-state", now.state);
        setText(state, stateName(now));
        setText(facts, [
          now.words && count(now.words, "word"), now.retries > 0 && count(now.retries, "retry", "retries"), now.cost > 0 && money(now.cost),
        ].filter(Boolean).map((fact) => ` · ${fact}`).join(""));
        setText(reason, now.reason ?? "");
        reason.hidden = !now.reason;
      }
      detail();
    },
  };
  cell.update(first);
  return cell;
}

/** Where a unit stands in the course: "3.2"; slides belong to a module as a whole. */
export function place({ kind, module, number }) {
  return kind === "slides" ? String(module) : `${module}.${number}`;
}
