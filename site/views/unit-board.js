// The units of a run by module, lessons and labs side by side, filling in; and how many there are in each state, which
// also chooses what is shown. Works through a thousand units each second, so it touches only what differs.

import { el, fill, setAttribute, setText } from "../dom.js";
import { KINDS } from "../units.js";
import { UNIT_STATES } from "../wording.js";
import { unitCell } from "./unit-cell.js";

/** Above this, what is out of sight is not laid out: it makes long pages quick, and their scroll bar a little uneasy. */
const MANY_UNITS = 300;

/** {element, update(units)}; units as the API gives them, `host` as for cells. */
export function unitBoard(host) {
  const filters = stateFilters(show);
  const modules = el("div", { class: "modules" });
  const element = el("div", { class: "board" }, filters.element, modules);
  let order = "";
  let cells = new Map(); // by unit's id
  let cards = [];
  let chosen = null;

  function build(units) {
    const kinds = Object.keys(KINDS).filter((kind) => units.some((unit) => unit.kind === kind));
    cells = new Map(units.map((unit) => [unit.id, unitCell(unit, host)]));
    const numbers = [...new Set(units.map((unit) => unit.module))].sort((one, other) => one - other);
    cards = numbers.map((number) => moduleCard(number, kinds, [...cells.values()].filter((cell) => cell.unit.module === number)));
    setAttribute(modules, "data-large", units.length > MANY_UNITS);
    setAttribute(modules, "data-columns", kinds.filter((kind) => kind !== "slides").length > 1 ? "two" : "one");
    fill(modules, cards.map((card) => card.element));
  }

  function show(state) {
    chosen = state;
    for (const card of cards) card.show(chosen);
  }

  return {
    element,
    update(units) {
      const fresh = units.map((unit) => unit.id).join();
      if (fresh !== order) build(units);
      order = fresh;
      for (const unit of units) cells.get(unit.id).update(unit);
      for (const card of cards) card.tally();
      filters.update(units);
      if (chosen !== null) show(chosen);
    },
  };
}

/** The number of units in each state as buttons, of which one may be chosen: `onChoose` gets its state, or null. */
function stateFilters(onChoose) {
  const states = [["all", "All"], ...Object.entries(UNIT_STATES)];
  let chosen = "all";
  const buttons = states.map(([state, label]) => {
    const number = el("span", { class: "filter-count" });
    const control = el("button", {
      type: "button", class: "filter", "data-state": state, "aria-pressed": String(state === "all"), on: { click: () => choose(state) },
    }, el("span", { class: "unit-mark", "aria-hidden": "true" }), `${label} `, number);
    return { state, control, number };
  });

  function choose(state) {
    chosen = chosen === state ? "all" : state;
    for (const each of buttons) setAttribute(each.control, "aria-pressed", String(each.state === chosen));
    onChoose(chosen === "all" ? null : chosen);
  }

  return {
    element: el("div", { class: "filters", role: "group", "aria-label": "Show" }, buttons.map((each) => each.control)),
    update(units) {
      const counts = new Map([["all", units.length]]);
      for (const { state } of units) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const each of buttons) {
        const number = counts.get(each.state) ?? 0;
        setText(each.number, number);
        each.control.hidden = number === 0 && each.state !== chosen;
      }
    },
  };
}

function moduleCard(number, kinds, cells) {
  const tally = el("span", { class: "tally" });
  const heading = `module-${number}`;
  const lists = kinds.map((kind) => ({ kind, own: cells.filter((cell) => cell.unit.kind === kind) })).filter(({ own }) => own.length > 0);
  const element = el("section", { class: "module", "aria-labelledby": heading },
    el("div", { class: "module-head" }, el("h3", { id: heading }, `Module ${number}`), tally),
    el("div", { class: "unit-lists" }, lists.map(({ kind, own }) => el("div", { class: "unit-list", "data-kind": kind },
      kinds.length > 1 && el("p", { class: "unit-list-name", "aria-hidden": "true" }, KINDS[kind].heading),
      el("ul", { "aria-label": `${KINDS[kind].heading} of module ${number}` }, own.map((cell) => cell.element))))));
  return {
    element,
    tally() {
      const done = cells.filter((cell) => ["written", "skipped"].includes(cell.unit.state)).length;
      setText(tally, `${done} of ${cells.length}`);
    },
    /** Only the units in `state` (null: all), and the one in which somebody is at work. */
    show(state) {
      let some = false;
      for (const cell of cells) {
        const hidden = state !== null && cell.unit.state !== state && !cell.element.contains(document.activeElement);
        if (cell.element.hidden !== hidden) cell.element.hidden = hidden;
        some ||= !hidden;
      }
      if (element.hidden === some) element.hidden = !some;
    },
  };
}
