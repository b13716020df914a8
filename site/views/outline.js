// Giving an outline, as a file or as text, and starting a course with it; what is wrong with it is shown at its lines.
// Knows the order of upload and start; knows nothing of what happens after the start.

import { button, errorNotice, field, notice, noticePlace, viewHeading, whileBusy } from "../components.js";
import { el, fill } from "../dom.js";
import { RequestError, isTemporary } from "../errors.js";
import { count, size } from "../wording.js";
import { generationOptions } from "./generation-options.js";
import { outlineEditor } from "./outline-editor.js";

/** Larger outlines are refused by the platform; said here before anything is sent. Bytes. */
const MAX_BYTES = 1_000_000;

/**
 * The view. `draft` ({text, filename}) outlives it, so that an outline is still there after signing in again.
 * `courseId`: an outline that replaces the one of this course; null: a new course. `onStarted` gets what the API answered.
 */
export function outlineView({ api, models, limits, draft, courseId = null, onStarted, onError }) {
  const place = noticePlace();
  const problemsPlace = el("div", {});
  const options = generationOptions({ models, limits, existing: courseId !== null });
  let sent = null; // what is uploaded already: {text, courseId, uploadId}

  const editor = outlineEditor({
    label: "Outline in YAML", describedBy: "outline-hint",
    onEdit() {
      draft.text = editor.text;
    },
    onFile: take,
  });
  editor.setText(draft.text);

  const file = field("Outline file", el("input", {
    type: "file", accept: ".yaml,.yml,.txt,application/yaml,text/yaml,text/plain",
    on: {
      click: () => { file.control.value = ""; }, // so that the same file, changed meanwhile, can be chosen again
      change: () => file.control.files.length > 0 && take(file.control.files[0]),
    },
  }));
  const start = button("Generate the course", { type: "submit", class: "button primary" });
  const form = el("form", {
    class: "outline-form", novalidate: true,
    on: {
      submit(event) {
        event.preventDefault();
        whileBusy(start, "Starting…", begin);
      },
    },
  },
  el("section", { class: "panel outline-source", "aria-labelledby": "outline-heading" },
    el("h2", { id: "outline-heading" }, "Outline"),
    file.element,
    el("p", { class: "field-hint", id: "outline-hint" }, "Or drop a file on the text, or paste an outline. YAML, up to 1 MB."),
    editor.element),
  el("section", { class: "panel outline-options", "aria-labelledby": "options-heading" },
    el("h2", { id: "options-heading" }, "What to make of it"), options.element,
    el("div", { class: "form-end" }, start, el("a", { class: "button", href: courseId ? `#/courses/${courseId}` : "#/" }, "Cancel"))));

  async function take(chosen) {
    file.clear();
    problems([]);
    place.clear();
    if (chosen.size > MAX_BYTES) {
      file.fail(`${chosen.name} has ${size(chosen.size)}; up to 1 MB is accepted. Split the course into smaller ones.`);
      return;
    }
    try {
      draft.text = decoded(new Uint8Array(await chosen.arrayBuffer()));
    } catch (error) {
      file.fail(`${chosen.name} cannot be read as text. Save it as UTF-8 and choose it again. (${error.message})`);
      return;
    }
    draft.filename = chosen.name;
    editor.setText(draft.text);
    place.show(notice("info", `${chosen.name} is loaded`, `${count(draft.text.split("\n").length, "line")}. You can still change it here; your file stays as it is.`));
  }

  async function begin() {
    place.clear();
    problems([]);
    const chosen = options.read();
    if (chosen === null) return;
    const text = editor.text;
    const bytes = new TextEncoder().encode(text).length;
    if (text.trim() === "" || bytes > MAX_BYTES) {
      place.show(text.trim() === ""
        ? notice("bad", "There is no outline yet", "Choose a file or paste one, then start.")
        : notice("bad", "The outline is too large", `It has ${size(bytes)}; up to 1 MB is accepted. Split the course into smaller ones.`));
      editor.control.focus();
      return;
    }
    try {
      if (sent?.text !== text) {
        const prepared = await api.prepareUpload(draft.filename, courseId);
        await api.upload(prepared.upload, text);
        sent = { text, courseId: prepared.courseId, uploadId: prepared.uploadId };
      }
      const started = await api.start(sent.courseId, sent.uploadId, chosen);
      Object.assign(draft, { text: "", filename: "" });
      onStarted(started);
    } catch (error) {
      // After a lost answer the very same start is asked for again: it joins what may have begun. Any other refusal
      // (an upload that expired, an outline with errors) needs an upload of its own.
      if (!isTemporary(error)) sent = null;
      if (onError(error)) return;
      if (error instanceof RequestError && error.problems.length > 0) problems(error.problems);
      else if (!options.refuse(error)) place.show(errorNotice(error));
    }
  }

  /** Lists what is wrong and marks the lines; moves to the list when there is something in it. */
  function problems(found) {
    const listed = found.map((each) => ({ ...each }));
    editor.mark(listed);
    if (listed.length === 0) {
      fill(problemsPlace);
      return;
    }
    const heading = el("h2", { tabindex: "-1", id: "problems-heading" }, listed.length === 1
      ? "One thing in the outline needs correcting" : `${listed.length} things in the outline need correcting`);
    fill(problemsPlace, el("section", { class: "notice problems", "data-tone": "bad", "aria-labelledby": "problems-heading" },
      heading,
      el("ol", {}, listed.map((problem) => el("li", {},
        button(`Line ${problem.line}, column ${problem.column}`, { class: "link", on: { click: () => editor.goTo(problem) } }),
        el("p", { class: "problem-message" }, problem.message),
        problem.hint && el("p", { class: "problem-hint" }, problem.hint)))),
      el("p", { class: "notice-detail" }, "Nothing was started. Correct it here and start again.")));
    heading.focus();
  }

  return {
    element: el("div", {},
      el("a", { class: "back", href: courseId ? `#/courses/${courseId}` : "#/" }, courseId ? "Back to the course" : "Your courses"),
      viewHeading(courseId ? "A corrected outline" : "New course"),
      el("p", { class: "lead" }, courseId
        ? "It replaces this course's outline. What is written already is kept, unless its part of the outline changed or you choose otherwise."
        : "Give the outline of a course: its lessons and labs are written, illustrated and bound into books."),
      place.element, problemsPlace, form),
    title: courseId ? "A corrected outline" : "New course",
    stop() {},
  };
}

/** The text of a file: UTF-8, or UTF-16 when its first bytes say so. Raises TypeError for anything else. */
function decoded(bytes) {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe && "utf-16le") || (bytes[0] === 0xfe && bytes[1] === 0xff && "utf-16be");
  return new TextDecoder(utf16 || "utf-8", { fatal: true }).decode(bytes);
}
