// How numbers, dates, sizes, states and steps read. Knows neither the DOM nor the API.

const NUMBER = new Intl.NumberFormat("en");
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const LANGUAGE = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** "1 lesson", "1,240 words". */
export function count(number, singular) {
  return `${NUMBER.format(number)} ${singular}${number === 1 ? "" : "s"}`;
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

/** What a lesson's state is called. */
export const LESSON_STATES = {
  waiting: "Waiting",
  writing: "Writing",
  written: "Written",
  skipped: "Kept",
  failed: "Failed",
};

const TEXT_MODELS = {
  sample: "Sample text, to try out",
  openai: "OpenAI-compatible model",
};

/** What a text model is called. */
export function textModelName(model) {
  return TEXT_MODELS[model] ?? model;
}

const STEPS = {
  expanding: "Reading the outline",
  writing: "Writing lessons",
  validating: "Checking the content",
  building: "Building the book",
  done: "Finishing",
};

/** What a step of a run is called. */
export function stepName(step) {
  return STEPS[step] ?? "Getting ready";
}

const STATUSES = {
  RUNNING: { tone: "busy", label: "Generating" },
  SUCCEEDED: { tone: "good", label: "Ready" },
  FAILED: { tone: "bad", label: "Stopped by an error" },
  TIMED_OUT: { tone: "bad", label: "Ran out of time" },
  ABORTED: { tone: "bad", label: "Stopped" },
};

/** {tone, label} of a run by its status (null: nobody knows any more how it ended) and, where known, its outcome. */
export function statusOf({ status, outcome }) {
  if (outcome === "incomplete") return { tone: "warn", label: "Lessons missing" };
  if (outcome === "failed") return STATUSES[status === "SUCCEEDED" ? "FAILED" : status] ?? STATUSES.FAILED;
  return STATUSES[status] ?? { tone: "quiet", label: "Ended" };
}
