// How far a run is and what it has cost: all of it, each of its branches, the budget; and the way to cancel it.
// Knows nothing of single units.

import { askingButton } from "../components.js";
import { el, fill, setAttribute, setText } from "../dom.js";
import { KINDS } from "../units.js";
import { BRANCHES, about, count, doing, money, stepName, unitCounts } from "../wording.js";

/** {element, update(run, running)}. `cancel` gets the button that was pressed. */
export function runPanel(cancel) {
  const step = el("p", { class: "step", id: "step" });
  const tally = el("p", { class: "step-tally" });
  const bar = el("progress", { max: "100", "aria-labelledby": "step" });
  const branches = el("ul", { class: "branches" });
  const costs = moneyLine();
  const stop = askingButton("Cancel", {
    attributes: { class: "button small" },
    ask: () => ({
      question: "What is being written now is finished first; everything that is written stays.",
      yes: "Stop generating", no: "Go on",
    }),
    run: cancel,
  });
  const cancelling = el("p", { class: "cancelling", role: "status" });
  const end = el("div", { class: "run-end" }, costs.element, stop.element, cancelling);
  const element = el("section", { class: "panel run", "aria-label": "Progress", hidden: true },
    el("div", { class: "under-way" }, el("div", { class: "step-line" }, step, tally), bar, branches), end);
  let shown = new Map();

  function showBranches(run) {
    const steps = Object.entries(run.steps ?? {});
    branches.hidden = steps.length < 2;
    if (branches.hidden) return;
    if (steps.some(([name]) => !shown.has(name)) || shown.size !== steps.length) {
      shown = new Map(steps.map(([name]) => [name, branchItem(name)]));
      fill(branches, [...shown.values()].map((item) => item.element));
    }
    for (const [name, at] of steps) shown.get(name).update(at, run.units.filter((unit) => KINDS[unit.kind].branch === name));
  }

  return {
    element,
    update(run, running) {
      const spent = costs.update(run);
      element.hidden = !running && !spent;
      setAttribute(element, "aria-label", running ? "Progress" : "Cost");
      element.firstChild.hidden = !running;
      element.classList.toggle("is-over", !running);
      stop.element.hidden = !running || run.cancelling;
      if (!running || run.cancelling) stop.close();
      setText(cancelling, running && run.cancelling ? "Cancelling: units in progress are finished first." : "");
      if (!running) return;
      setText(step, doing(run.steps));
      const oneKind = run.units.length > 0 && run.units.every((unit) => unit.kind === run.units[0].kind);
      setText(tally, `${run.done} of ${oneKind ? unitCounts(run.units) : count(run.total, "part")} · ${run.percent} %`);
      setAttribute(bar, "value", run.percent);
      showBranches(run);
    },
  };
}

function branchItem(name) {
  const words = el("span", { class: "branch-step", id: `branch-${name}` });
  const tally = el("span", { class: "tally" });
  const bar = el("progress", { max: "1", "aria-labelledby": `branch-name-${name}` });
  const element = el("li", { class: "branch" },
    el("span", { class: "branch-name", id: `branch-name-${name}` }, BRANCHES[name]), tally, bar, words);
  return {
    element,
    update(step, units) {
      const done = units.filter((unit) => !["waiting", "writing"].includes(unit.state)).length;
      setText(words, stepName(name, step));
      setAttribute(element, "data-step", step);
      setText(tally, units.length > 0 ? `${done} of ${units.length}` : "");
      setAttribute(bar, "max", Math.max(units.length, 1));
      setAttribute(bar, "value", step === "done" ? Math.max(units.length, 1) : done);
    },
  };
}

/** What the run and the course have cost, with the budget as a bar; `update` tells whether there is anything to show. */
function moneyLine() {
  const facts = el("p", { class: "facts" });
  const bar = el("meter", { min: "0", "aria-labelledby": "budget" });
  const said = el("p", { class: "budget-words", id: "budget" });
  const budget = el("div", { class: "budget", hidden: true }, said, bar);
  let shown = "";
  return {
    element: el("div", { class: "money" }, facts, budget),
    update(run) {
      const parts = [
        run.cost > 0 && `This run: ${money(run.cost)}`,
        run.spent > run.cost && `the course so far: ${money(run.spent)}`,
        run.inputTokens > 0 && `${about(run.inputTokens)} tokens read, ${about(run.outputTokens)} written`,
        run.retries > 0 && count(run.retries, "retry", "retries"),
      ].filter(Boolean);
      if (parts.join() !== shown) fill(facts, parts.map((part) => el("span", {}, part)));
      shown = parts.join();
      budget.hidden = !(run.budget > 0);
      if (run.budget > 0) {
        setText(said, `Budget: ${money(run.spent)} of ${money(run.budget)}`);
        setAttribute(bar, "max", run.budget);
        setAttribute(bar, "high", run.budget * 0.8);
        setAttribute(bar, "value", Math.min(run.spent, run.budget));
      }
      return parts.length > 0 || run.budget > 0;
    },
  };
}
