// How a run ended, in plain words: what is ready, what is missing and why, and what can be done about it.
// Knows what outcomes mean for a person; starts nothing itself.

import { notice } from "../components.js";
import { el } from "../dom.js";
import { KINDS } from "../units.js";
import { capitalized, count, languageTag, listed, products, statusOf, unitCounts } from "../wording.js";
import { place } from "./unit-cell.js";

/** How many of the units that are missing are named before the board shows all of them. */
const NAMED_MISSING = 5;

const LESS = "What is written is kept: generating again does only the rest.";

/** The notice for a run that has ended. `course` has its language and request; `generate` is called with the press of a button. */
export function outcomeNotice(run, course, generate) {
  const missing = run.units.filter((unit) => ["failed", "cancelled"].includes(unit.state));
  const problems = (run.problems ?? []).length > 0 && el("ul", {}, run.problems.map((problem) => el("li", {}, problem)));
  const again = { label: "Generate what is missing", run: (event) => generate(event.currentTarget) };
  const { content, slides } = { content: run.content ?? "theory", slides: run.units.some((unit) => unit.kind === "slides") };
  const parts = products({ content, slides });
  const are = parts.length > 1 || content === "slides" ? "are" : "is";
  const subject = capitalized(listed(parts));
  if (run.outcome === "complete") {
    return notice("good", `${subject} ${are} ready`, [`${capitalized(unitCounts(run.units) || count(run.total, "part"))}, nothing missing.`, problems]);
  }
  if (run.outcome === "cancelled") {
    return notice("info", "You cancelled this run", [
      missing.length > 0 ? `${capitalized(unitCounts(missing))} ${missing.length === 1 ? "is" : "are"} not written. ${LESS}` : LESS, problems,
    ], again);
  }
  if (run.outcome === "incomplete") {
    return notice("warn", missing.length > 0
      ? `${subject} ${are} made, but ${unitCounts(missing)} could not be ${missing.every((unit) => unit.kind === "slides") ? "made" : "written"}`
      : `${subject} ${are} made, but something is missing`,
    [run.error || null, problems, missingList(missing, course.language), LESS], again);
  }
  return notice("bad", statusOf(run).label, [run.error || null, problems, !run.error && "What was written until then is kept: generating again does only the rest."], again);
}

/** The first units that are missing, each with its reason; null if there are none. */
function missingList(missing, language) {
  if (missing.length === 0) return null;
  const named = missing.slice(0, NAMED_MISSING).map((unit) => el("li", {}, unit.kind === "lesson" ? "" : `${capitalized(KINDS[unit.kind].one)} `,
    `${place(unit)} `, el("strong", { lang: languageTag(language) }, unit.title), unit.reason && `: ${unit.reason}`));
  const rest = missing.slice(NAMED_MISSING);
  return el("ul", {}, named, rest.length > 0 && el("li", {}, `and ${unitCounts(rest).replace(/^([\d,]+) /, "$1 more ")}`));
}
