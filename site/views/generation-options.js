// What may be chosen when a course is generated. What most people choose is shown; the rest is one disclosure away.
// Knows the API's names of the choices and what it accepts; knows nothing of how an execution is started.

import { field } from "../components.js";
import { el, uniqueId } from "../dom.js";
import { RequestError } from "../errors.js";
import { imageModelName, textModelName } from "../wording.js";

const CONTENTS = [
  ["theory", "Book", "Lessons with images, bound as a book"],
  ["labs", "Labs", "Step-by-step guides, bound as a lab book"],
  ["both", "Book and labs", "Written at the same time"],
  ["slides", "Slides", "Of the lessons that are written"],
];

/** Choices that are whole numbers: [name in the API, label, hint]. */
const NUMBERS = [
  ["minWords", "Fewest words", "Of a lesson"],
  ["maxWords", "Most words", "Of a lesson"],
  ["wordsPerMinute", "Words a minute", "Of teaching time"],
  ["maxConcurrency", "Batches at once", null],
  ["lessonsPerBatch", "Lessons a batch", null],
  ["labsPerBatch", "Labs a batch", null],
];

/**
 * {element, read(), refuse(error)}. `read` answers the choices by the API's names, null for what the platform decides, or
 * null altogether after it has shown at a field what is wrong. `refuse` shows the API's refusal at the field that it is
 * about and tells whether there is one. `existing`: the course is there already; `request`: what was chosen for it before.
 */
export function generationOptions({ models, limits, existing, request = null }) {
  const slides = check("Slides too", "A deck for each module, made of its lessons.", Boolean(request?.slides));
  const contents = contentChoice(existing, request?.content ?? "theory", (content) => {
    slides.element.hidden = !["theory", "both"].includes(content);
  });
  slides.element.hidden = !["theory", "both"].includes(contents.value());
  const modules = text("Modules", "All, or some by number: 1, 3-5", request?.modules?.join(", "), { placeholder: "All" });
  const previous = request?.lessonModel;
  const model = models.text.length > 1 && select("Text model", models.text.map((name) => [name, textModelName(name)]), previous);
  const step = (label, hint, name) => models.text.length > 1 && select(label, [["", "As the text model"],
    ...models.text.map((each) => [each, textModelName(each)])], request?.[name] !== previous ? request?.[name] : "", hint);
  const labModel = step("Lab model", "Writes the lab guides", "labModel");
  const planModel = step("Plan model", "Plans the labs", "planModel");
  const imageModel = models.image.length > 1 && select("Image model", models.image.map((name) => [name, imageModelName(name)]), request?.imageModel);
  const language = text("Language", "Such as es, pt-BR or Español", request?.language, { placeholder: "As in the outline" });
  const numbers = Object.fromEntries(NUMBERS.map(([name, label, hint]) => (
    [name, number(label, name === "maxConcurrency" ? `Up to ${limits.maxConcurrency}` : hint, request?.[name])])));
  const budget = text("Budget", "In US dollars; the run ends before the course costs more", request?.budget || null,
    { inputmode: "decimal", placeholder: "As set for the platform" });
  const force = check("Write again what exists", "Otherwise what is written, and still fits the outline, is kept.", false);
  const fields = {
    modules, model, lessonModel: model, labModel, planModel, imageModel, language, ...numbers, budget,
  };

  const more = el("details", { class: "more" },
    el("summary", {}, "More choices"),
    el("div", { class: "more-fields" },
      [labModel, planModel, imageModel].filter(Boolean).map((each) => each.element), language.element, budget.element,
      el("div", { class: "number-fields" }, Object.values(numbers).map((each) => each.element))));
  const element = el("div", { class: "options" }, contents.element, slides.element,
    el("div", { class: "option-row" }, modules.element,
      model ? model.element : el("p", { class: "field-hint" }, `Text model: ${textModelName(models.text[0])}.`)),
    existing && force.element, more);

  /** Shows at a field what is wrong; the field may lie in the disclosure. */
  function fail(at, message) {
    if (more.contains(at.element)) more.open = true;
    at.fail(message);
    return null;
  }

  /** The whole number in a field, null if it is empty, undefined if it is none. */
  function whole(at) {
    const value = at.value.trim();
    if (value === "") return null;
    return /^\d{1,6}$/.test(value) && Number(value) > 0 ? Number(value) : undefined;
  }

  return {
    element,
    read() {
      for (const each of Object.values(fields)) if (each) each.clear();
      const chosen = { content: contents.value(), slides: !slides.element.hidden && slides.control.checked, force: force.control.checked };
      chosen.modules = moduleNumbers(modules.value);
      if (chosen.modules === undefined) return fail(modules, "Give module numbers such as 1, 3-5, or leave this empty for all.");
      chosen.language = language.value.trim();
      const dollars = budget.value.trim().replace(/^\$\s*/, "").replace(",", ".");
      if (dollars !== "" && !(/^\d+(\.\d+)?$/.test(dollars) && Number(dollars) > 0)) {
        return fail(budget, "Give an amount such as 5 or 2.50, or leave this empty.");
      }
      chosen.budget = dollars === "" ? null : Number(dollars);
      for (const [name, at] of Object.entries(numbers)) {
        chosen[name] = whole(at);
        if (chosen[name] === undefined) return fail(at, "Give a whole number from 1 on, or leave this empty.");
      }
      if (chosen.maxConcurrency > limits.maxConcurrency) return fail(numbers.maxConcurrency, `Up to ${limits.maxConcurrency} are allowed here.`);
      if (chosen.minWords && chosen.maxWords && chosen.minWords > chosen.maxWords) {
        return fail(numbers.maxWords, "This is less than the fewest words.");
      }
      if (chosen.content === "theory") chosen.content = null; // what the platform does of its own accord is not said
      chosen.model = model && model.value !== models.text[0] ? model.value : null;
      chosen.labModel = labModel ? labModel.value : null;
      chosen.planModel = planModel ? planModel.value : null;
      chosen.imageModel = imageModel && imageModel.value !== models.image[0] ? imageModel.value : null;
      return chosen;
    },
    refuse(error) {
      if (!(error instanceof RequestError) || error.status !== 400) return false;
      const named = Object.keys(fields).find((name) => fields[name] && new RegExp(`^${name}\\b`).test(error.detail));
      if (!named) return false;
      const label = fields[named].element.querySelector("label").textContent;
      fail(fields[named], error.detail.replace(named, label));
      return true;
    },
  };
}

/** The choices of an earlier request, to do the same again: without what the platform no longer offers. */
export function sameChoices(request, { models, limits }) {
  const offered = (names, name) => (names.includes(name) ? name : null);
  return {
    ...Object.fromEntries(NUMBERS.map(([name]) => [name, request[name] || null])),
    content: request.content === "theory" ? null : request.content,
    slides: request.slides,
    modules: request.modules,
    language: request.language,
    lessonModel: offered(models.text, request.lessonModel),
    labModel: offered(models.text, request.labModel),
    planModel: offered(models.text, request.planModel),
    imageModel: offered(models.image, request.imageModel),
    maxConcurrency: request.maxConcurrency ? Math.min(request.maxConcurrency, limits.maxConcurrency) : null,
    budget: request.budget || null,
  };
}

function contentChoice(existing, chosen, onChange) {
  const group = uniqueId("content");
  const offered = CONTENTS.filter(([value]) => existing || value !== "slides"); // of a new course nothing is written
  const radios = offered.map(([value, label, hint]) => {
    const id = uniqueId("content");
    const control = el("input", {
      type: "radio", name: group, id, value, checked: value === chosen, "aria-describedby": `${id}-hint`,
      on: { change: () => onChange(value) },
    });
    return { control, element: el("div", { class: "choice" }, control, el("div", {}, el("label", { for: id }, label),
      el("p", { class: "field-hint", id: `${id}-hint` }, hint))) };
  });
  return {
    element: el("fieldset", { class: "choices" }, el("legend", {}, "Generate"), radios.map((each) => each.element)),
    value: () => radios.find((each) => each.control.checked)?.control.value ?? "theory",
  };
}

function check(label, hint, checked) {
  const id = uniqueId("check");
  const control = el("input", { type: "checkbox", id, checked, "aria-describedby": `${id}-hint` });
  return { control, element: el("div", { class: "check" }, control,
    el("div", {}, el("label", { for: id }, label), el("p", { class: "field-hint", id: `${id}-hint` }, hint))) };
}

function text(label, hint, value, attributes = {}) {
  return field(label, el("input", { type: "text", autocomplete: "off", spellcheck: "false", value: value ?? "", ...attributes }), hint);
}

function number(label, hint, value) {
  return text(label, hint, value || "", { inputmode: "numeric", placeholder: "As set" });
}

function select(label, options, chosen, hint = null) {
  return field(label, el("select", {}, options.map(([value, name]) => el("option", { value, selected: value === chosen }, name))), hint);
}

/** "1, 3-5" as [1, 3, 4, 5]; null for all; undefined when it cannot be read. */
export function moduleNumbers(text) {
  if (text.trim() === "" || /^all$/i.test(text.trim())) return null;
  const numbers = new Set();
  for (const part of text.replace(/\s*[-–]\s*/g, "-").split(/[,;\s]+/).filter(Boolean)) {
    const [, first, last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? [];
    if (first === undefined || Number(first) < 1 || Number(last) < Number(first)) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(number);
  }
  return [...numbers].sort((one, other) => one - other);
}
