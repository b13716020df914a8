// The pieces that several views are made of: notices, fields, buttons, chips. Knows the DOM helper and wording only.

import { describe } from "./errors.js";
import { el, fill, setAttribute, setText, uniqueId } from "./dom.js";

/**
 * A message in the page. `tone`: info, good, warn or bad; `detail`: text, null, or several texts and elements;
 * `action`: {label, run} makes a button.
 */
export function notice(tone, title, detail, action = null) {
  return el("div", { class: "notice", "data-tone": tone },
    el("p", { class: "notice-title" }, title),
    [detail].flat().filter(Boolean).map((part) => (
      part instanceof Element ? part : el("p", { class: "notice-detail" }, part))),
    action && button(action.label, { class: "button", on: { click: action.run } }));
}

/** The notice for an error. */
export function errorNotice(error, action = null) {
  const { title, detail } = describe(error);
  return notice("bad", title, detail, action);
}

/** A place for at most one notice: `show(element)` and `clear()`. What comes to stand in it is read out. */
export function noticePlace() {
  const element = el("div", { class: "notice-place", "aria-live": "polite" });
  return {
    element,
    show: (content) => fill(element, content),
    clear: () => fill(element),
  };
}

export function button(label, attributes = {}) {
  return el("button", { type: "button", class: "button", ...attributes }, label);
}

/** Runs `work` with `control` busy: it says `label`, refuses a second press and keeps its place in the tab order. */
export async function whileBusy(control, label, work) {
  if (control.getAttribute("aria-disabled") === "true") return;
  const before = control.textContent;
  control.setAttribute("aria-disabled", "true");
  setText(control, label);
  try {
    await work();
  } finally {
    control.removeAttribute("aria-disabled");
    setText(control, before);
  }
}

/**
 * A button that asks once more, in its own place, before it does something: {element, control, close()}. `ask()` gives what
 * is asked when it is pressed: {question, yes, no}; `run` gets the button that says yes. Escape is a no.
 */
export function askingButton(label, { ask, run, attributes = {} }) {
  const element = el("div", { class: "asking" });
  const control = button(label, { ...attributes, on: { click: open } });
  const close = () => fill(element, control);

  function open() {
    const { question, yes, no } = ask();
    const id = uniqueId("question");
    const agree = button(yes, { class: "button primary small", on: { click: () => run(agree) } });
    const back = () => {
      close();
      control.focus();
    };
    fill(element, el("div", {
      class: "question", role: "group", "aria-labelledby": id,
      on: { keydown: (event) => event.key === "Escape" && back() },
    },
    el("p", { id }, question),
    el("div", { class: "answers" }, agree, button(no, { class: "button small", on: { click: back } }))));
    agree.focus();
  }

  close();
  return { element, control, close };
}

/** A small label with a tone: busy, good, warn, bad or quiet. */
export function chip({ tone, label }) {
  return el("span", { class: "chip", "data-tone": tone }, label);
}

/**
 * A labelled control: {element, control, value, fail(message), clear()}. `hint` is read with it; `fail` shows an error
 * at the field, marks it invalid and moves there.
 */
export function field(label, control, hint = null) {
  const id = uniqueId("field");
  const hintId = `${id}-hint`;
  const faultId = `${id}-fault`;
  control.id = id;
  const fault = el("p", { class: "field-fault", id: faultId, hidden: true });
  const describedBy = (failed) => [hint && hintId, failed && faultId].filter(Boolean).join(" ") || null;
  setAttribute(control, "aria-describedby", describedBy(false));
  const mark = (message) => {
    fault.hidden = message === null;
    setText(fault, message ?? "");
    setAttribute(control, "aria-invalid", message === null ? null : "true");
    setAttribute(control, "aria-describedby", describedBy(message !== null));
  };
  return {
    element: el("div", { class: "field" },
      el("label", { for: id }, label), control, hint && el("p", { class: "field-hint", id: hintId }, hint), fault),
    control,
    get value() { return control.value; },
    clear: () => mark(null),
    fail(message) {
      mark(message);
      control.focus();
    },
  };
}

/** A password field with a button that shows what was typed. `purpose`: current-password or new-password. */
export function passwordField(label, purpose, hint = null) {
  const control = el("input", { type: "password", autocomplete: purpose, required: true, autocapitalize: "off", spellcheck: "false" });
  const made = field(label, control, hint);
  const toggle = button("Show", {
    class: "password-toggle", "aria-label": `Show ${label.toLowerCase()}`, "aria-pressed": "false", "aria-controls": control.id,
    on: {
      click() {
        const shown = control.type === "password";
        control.type = shown ? "text" : "password";
        setText(toggle, shown ? "Hide" : "Show");
        toggle.setAttribute("aria-pressed", String(shown));
      },
    },
  });
  const row = el("div", { class: "password-row" });
  control.replaceWith(row);
  row.append(control, toggle);
  return made;
}

/** The heading that a new view moves the focus to. */
export function viewHeading(text, attributes = {}) {
  return el("h1", { tabindex: "-1", ...attributes }, text);
}
