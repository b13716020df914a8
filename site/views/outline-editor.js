// A text area with line numbers in which the lines with problems are marked, and which takes a file by drop.
// Knows lines and columns; knows nothing of outlines or of the API.

import { el, fill, setText } from "../dom.js";

/** How many lines stay visible above one that is jumped to. */
const LINES_ABOVE = 3;

/**
 * {element, control, text, setText(text), mark(problems), goTo(problem)}. Problems have `line` and `column`, 1-based.
 * `onEdit` is called when a person changes the text, `onFile` with a File that was dropped.
 */
export function outlineEditor({ label, describedBy, onEdit, onFile }) {
  const numbers = el("div", { class: "editor-numbers" }, "1");
  const marks = el("div", { class: "editor-marks" });
  const gutter = el("div", { class: "editor-gutter", "aria-hidden": "true" }, numbers);
  const backdrop = el("div", { class: "editor-backdrop", "aria-hidden": "true" }, marks);
  const control = el("textarea", {
    class: "editor-text", wrap: "off", spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off",
    "aria-label": label, "aria-describedby": describedBy, rows: "18",
    placeholder: "course:\n  title: My course\n  language: en\nmodules:\n  - title: First module\n    lessons:\n      - title: First lesson",
  });
  const element = el("div", { class: "editor" }, gutter, el("div", { class: "editor-page" }, backdrop, control));
  let lineCount = 1;
  let marked = [];

  control.addEventListener("input", () => {
    const before = lineCount;
    number();
    if (marked.length > 0 && lineCount !== before) shift(lineCount - before);
    onEdit();
  });
  control.addEventListener("scroll", follow, { passive: true });
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    element.classList.add("is-target");
  });
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(event.relatedTarget)) element.classList.remove("is-target");
  });
  element.addEventListener("drop", (event) => {
    element.classList.remove("is-target");
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    onFile(event.dataTransfer.files[0]);
  });

  function number() {
    const lines = control.value.split("\n").length;
    if (lines === lineCount) return;
    lineCount = lines;
    setText(numbers, Array.from({ length: lines }, (_, index) => index + 1).join("\n"));
    follow();
  }

  /** Keeps marks at their lines while lines are added or taken away above them. */
  function shift(by) {
    const line = control.value.slice(0, control.selectionStart).split("\n").length;
    for (const problem of marked) {
      if (problem.line >= line - Math.max(by, 0) && problem.line > 1) problem.line = Math.max(1, problem.line + by);
    }
    draw();
  }

  function lineHeight() {
    return Number.parseFloat(getComputedStyle(control).lineHeight);
  }

  function draw() {
    const height = lineHeight();
    fill(marks, [...new Set(marked.map((problem) => problem.line))].map((line) => {
      const bar = el("div", { class: "editor-mark" });
      bar.style.setProperty("top", `${(line - 1) * height}px`);
      return bar;
    }));
    follow();
  }

  /** Brings a line (0-based) near the upper edge of the editor, and into view what comes after `before` in it. */
  function reveal(index, before = "") {
    control.scrollTop = Math.max(0, (index - LINES_ABOVE) * lineHeight());
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = getComputedStyle(control).font;
    control.scrollLeft = Math.max(0, ruler.measureText(before).width - control.clientWidth / 2);
    follow();
  }

  function follow() {
    marks.style.setProperty("transform", `translateY(${-control.scrollTop}px)`);
    numbers.style.setProperty("transform", `translateY(${-control.scrollTop}px)`);
  }

  return {
    element,
    control,
    get text() { return control.value; },
    setText(text) {
      control.value = text;
      control.setSelectionRange(0, 0);
      control.scrollTop = 0;
      number();
    },
    mark(problems) {
      marked = problems;
      draw();
      if (marked.length > 0) reveal(Math.min(...marked.map((problem) => problem.line)) - 1);
    },
    goTo(problem) {
      const lines = control.value.split("\n");
      const index = Math.min(problem.line, lines.length) - 1;
      const start = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0);
      const column = Math.min(Math.max(problem.column - 1, 0), lines[index].length);
      control.focus();
      control.setSelectionRange(start + column, start + lines[index].length);
      reveal(index, lines[index].slice(0, column));
      control.scrollIntoView({ block: "nearest" });
    },
  };
}
