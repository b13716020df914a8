// The kinds of units of a course, and what the ids of units and the names of files say: "lab-03-02" is the second lab of
// module 3, and "labs/module-03-lab-02-title.md" holds it.

/** The kinds, in the order of a course. The platform has the same table (functions/outline/units.py); a test compares them. */
export const KINDS = {
  lesson: {
    branch: "theory", one: "lesson", many: "lessons", heading: "Lessons",
    idPrefix: "", perModule: false, folder: "lessons/", extension: "md",
  },
  lab: {
    branch: "labs", one: "lab", many: "labs", heading: "Labs",
    idPrefix: "lab-", perModule: false, folder: "labs/", extension: "md",
  },
  slides: {
    branch: "slides", one: "slide deck", many: "slide decks", heading: "Slides",
    idPrefix: "slides-", perModule: true, folder: "slides/", extension: "pptx",
  },
};

/** {kind, module, number} of an id: a lesson, a lab or a module's slides (number 0). null if it is none. */
export function unitOf(id) {
  for (const [kind, { idPrefix, perModule }] of Object.entries(KINDS)) {
    const [, module, number = 0] = new RegExp(`^${idPrefix}(\\d+)${perModule ? "" : "-(\\d+)"}$`).exec(id) ?? [];
    if (module !== undefined) return { kind, module: Number(module), number: Number(number) };
  }
  return null;
}

/** What was written according to the files of a course, in its order: [{id, kind, module, number, title}], titles as in the names. */
export function unitsOfFiles(files) {
  return inOrder(files.map(({ name }) => unitOfFile(name)).filter(Boolean));
}

function unitOfFile(name) {
  for (const [kind, { idPrefix, perModule, folder, extension }] of Object.entries(KINDS)) {
    const numbers = perModule ? "(\\d+)()" : `(\\d+)-${kind}-(\\d+)`;
    const [, module, number, title] = new RegExp(`^${folder}module-${numbers}-(.*)\\.${extension}$`).exec(name) ?? [];
    if (module === undefined) continue;
    const id = `${idPrefix}${module}${perModule ? "" : `-${number}`}`;
    return { id, kind, module: Number(module), number: Number(number), title: perModule ? "" : sentence(title) };
  }
  return null;
}

/** The units of a run, and those that are written although the run does not concern them. `titles` by id, where better known. */
export function wholeCourse(units, files, titles) {
  const own = new Set(units.map((unit) => unit.id));
  const others = unitsOfFiles(files).filter((unit) => !own.has(unit.id))
    .map((unit) => ({ ...unit, title: titles.get(unit.id) ?? unit.title, state: "skipped", retries: 0, cost: 0 }));
  return others.length === 0 ? units : inOrder([...units, ...others]);
}

function inOrder(units) {
  const kinds = Object.keys(KINDS);
  return units.sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || one.module - other.module || one.number - other.number);
}

/** "tipos-de-licencias" as "Tipos de licencias". */
function sentence(slug) {
  const words = slug.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
