// How numbers, dates, sizes, money, states and steps read.

import { KINDS } from "./units.js";

const NUMBER = new Intl.NumberFormat("en");
const SHORT_NUMBER = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const LANGUAGE = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** "1 lesson", "1,240 words". */
export function count(number, singular, plural = `${singular}s`) {
  return `${NUMBER.format(number)} ${number === 1 ? singular : plural}`;
}

/** "12.4K", for numbers of which only the size matters. */
export function about(number) {
  return SHORT_NUMBER.format(number);
}

/** US dollars: "$1.24"; what is more than nothing is never shown as nothing. */
export function money(dollars) {
  return dollars > 0 && dollars < 0.01 ? "under $0.01" : MONEY.format(dollars);
}

/** "one", "one and two", "one, two and three". */
export function listed(parts) {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** A sentence begins with a capital. */
export function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A size in bytes: "812 bytes", "42 KB", "1.3 MB". */
export function size(bytes) {
  if (bytes < 1000) return count(bytes, "byte");
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** An ISO time as a date and time of day here, or "" when it is none. */
export function moment(iso) {
  const time = new Date(iso ?? "");
  return Number.isNaN(time.getTime()) ? "" : DATE.format(time);
}

/** The value for a `lang` attribute, or null when `language` is not a language tag ("es" is, "Español" is not). */
export function languageTag(language) {
  return /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language ?? "") ? language : null;
}

/** A language's English name: "es" is "Spanish"; what is no tag stays as it is. */
export function languageName(language) {
  const tag = languageTag(language);
  return tag === null ? (language ?? "") : LANGUAGE.of(tag);
}

/** What a unit's state is called, in the order in which they are counted up. */
export const UNIT_STATES = {
  written: "Written",
  skipped: "Kept",
  writing: "Writing",
  waiting: "Waiting",
  failed: "Failed",
  cancelled: "Cancelled",
};

const SLIDES_STATES = { written: "Made", writing: "Making" };

/** What the state of this unit is called: nobody writes slides. */
export function stateName({ kind, state }) {
  return (kind === "slides" && SLIDES_STATES[state]) || (UNIT_STATES[state] ?? state);
}

/** "3 lessons and 1 lab". */
export function unitCounts(units) {
  return listed(Object.entries(KINDS)
    .map(([kind, { one, many }]) => [units.filter((unit) => unit.kind === kind).length, one, many])
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => count(number, one, many)));
}

/** "Lessons and labs": what there is, as a heading. */
export function kindsHeading(units) {
  const kinds = Object.keys(KINDS).filter((kind) => units.some((unit) => unit.kind === kind)).map((kind) => KINDS[kind].heading.toLowerCase());
  return capitalized(listed(kinds));
}

/** What an execution makes, as the subject of a sentence: ["the book", "the lab book"]. */
export function products({ content, slides }) {
  return [
    ["theory", "both"].includes(content) && "the book",
    ["labs", "both"].includes(content) && "the lab book",
    (slides || content === "slides") && "the slides",
  ].filter(Boolean);
}

const MODELS = {
  sample: "Sample text, to try out",
  openai: "OpenAI-compatible model",
};

/** What a text model is called. */
export function textModelName(model) {
  return MODELS[model] ?? model;
}

/** What an image model is called. */
export function imageModelName(model) {
  return model === "sample" ? "Sample images, to try out" : model;
}

const STEPS = {
  theory: {
    planning: "Reading the outline", writing: "Writing lessons", validating: "Checking the content",
    building: "Building the book", done: "Done",
  },
  labs: {
    planning: "Planning the labs", writing: "Writing labs", validating: "Checking the labs",
    building: "Building the lab book", done: "Done",
  },
  slides: {
    planning: "Waiting for the lessons", writing: "Making slides", validating: "Checking the slides",
    building: "Making slides", done: "Done",
  },
};

/** What a branch of a run is called. */
export const BRANCHES = { theory: "Book", labs: "Labs", slides: "Slides" };

/** What a step of a branch (theory, labs or slides) is called. */
export function stepName(branch, step) {
  return STEPS[branch]?.[step] ?? "Getting ready";
}

/** What a run does now, by the steps of its branches: {theory: "writing", labs: "done"}. */
export function doing(steps) {
  const open = Object.entries(steps ?? {}).filter(([, step]) => step !== "done");
  if (open.length === 0) return Object.keys(steps ?? {}).length > 0 ? "Finishing" : "Getting ready";
  const first = open.filter(([branch]) => branch !== "slides");
  if (first.length === 0) return STEPS.slides.writing;
  const [[branch, step]] = first;
  if (first.length > 1 && first.every(([, other]) => other === "writing")) return "Writing lessons and labs";
  return stepName(branch, step);
}

const STATUSES = {
  RUNNING: { tone: "busy", label: "Generating" },
  SUCCEEDED: { tone: "good", label: "Ready" },
  FAILED: { tone: "bad", label: "Stopped by an error" },
  TIMED_OUT: { tone: "bad", label: "Ran out of time" },
  ABORTED: { tone: "bad", label: "Stopped" },
};

/** {tone, label} of a run by its status (null: nobody knows any more how it ended) and, where known, its outcome. */
export function statusOf({ status, outcome, cancelling }) {
  if (status === "RUNNING" && cancelling) return { tone: "busy", label: "Cancelling" };
  if (outcome === "cancelled") return { tone: "quiet", label: "Cancelled" };
  if (outcome === "incomplete") return { tone: "warn", label: "Incomplete" };
  if (outcome === "failed") return STATUSES[status === "SUCCEEDED" ? "FAILED" : status] ?? STATUSES.FAILED;
  return STATUSES[status] ?? { tone: "quiet", label: "Ended" };
}
