// What may be chosen when a course is generated: which modules, which text model, whether to write lessons again.

import { field } from "../components.js";
import { el, uniqueId } from "../dom.js";
import { textModelName } from "../wording.js";

/**
 * {element, read()}: `read` answers {modules, model, force}, `modules` null for all of them, or null after it has shown at
 * the field what is wrong. `textModels`: those there are, the first unless another is chosen; `request`: what was chosen before.
 */
export function generationOptions({ textModels, withForce, request = null }) {
  const modules = field("Modules", el("input", {
    type: "text", autocomplete: "off", placeholder: "All", value: request?.modules?.join(", "),
  }), "All, or some by number: 1, 3-5");
  const model = textModels.length > 1 && field("Text model", el("select", {},
    textModels.map((name) => el("option", { value: name, selected: name === request?.model }, textModelName(name)))));
  const forceId = uniqueId("force");
  const force = el("input", { type: "checkbox", id: forceId, "aria-describedby": `${forceId}-hint` });
  const element = el("div", { class: "options" }, modules.element,
    model ? model.element : el("p", { class: "field-hint" }, `Text model: ${textModelName(textModels[0])}.`),
    withForce && el("div", { class: "check" }, force,
      el("div", {}, el("label", { for: forceId }, "Write existing lessons again"),
        el("p", { class: "field-hint", id: `${forceId}-hint` }, "Otherwise lessons that are already written are kept."))));
  return {
    element,
    read() {
      modules.clear();
      const numbers = moduleNumbers(modules.value);
      if (numbers === undefined) {
        modules.fail("Give module numbers such as 1, 3-5, or leave this empty for all.");
        return null;
      }
      return { modules: numbers, model: model ? model.value : textModels[0], force: force.checked };
    },
  };
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
