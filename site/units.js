// What the ids of units and the names of a course's files say: "lab-03-02" is the second lab of module 3, and
// "labs/module-03-lab-02-title.md" holds it. Knows nothing of runs.

/** {kind, module, number} of an id: a lesson, a lab or a module's slides (number 0). null if it is none. */
export function unitOf(id) {
  const [, lab, module, number, slides] = /^(?:(lab-)?(\d+)-(\d+)|slides-(\d+))$/.exec(id) ?? [];
  if (slides !== undefined) return { kind: "slides", module: Number(slides), number: 0 };
  return module === undefined ? null : { kind: lab ? "lab" : "lesson", module: Number(module), number: Number(number) };
}

/** What was written according to the files of a course, in its order: [{id, kind, module, number, title}], titles as in the names. */
export function unitsOfFiles(files) {
  return inOrder(files.map(({ name }) => {
    const [, module, kind, number, lesson, deck] = /^(?:(?:lessons|labs)\/module-(\d+)-(lesson|lab)-(\d+)-(.*)\.md|slides\/module-(\d+)-.*\.pptx)$/.exec(name) ?? [];
    if (deck !== undefined) return { id: `slides-${deck}`, kind: "slides", module: Number(deck), number: 0, title: "" };
    if (module === undefined) return null;
    const id = `${kind === "lab" ? "lab-" : ""}${module}-${number}`;
    return { id, kind, module: Number(module), number: Number(number), title: sentence(lesson) };
  }).filter(Boolean));
}

/** The units of a run, and those that are written although the run does not concern them. `titles` by id, where better known. */
export function wholeCourse(units, files, titles) {
  const own = new Set(units.map((unit) => unit.id));
  const others = unitsOfFiles(files).filter((unit) => !own.has(unit.id))
    .map((unit) => ({ ...unit, title: titles.get(unit.id) ?? unit.title, state: "skipped", retries: 0, cost: 0 }));
  return others.length === 0 ? units : inOrder([...units, ...others]);
}

function inOrder(units) {
  const kinds = ["lesson", "lab", "slides"];
  return units.sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || one.module - other.module || one.number - other.number);
}

/** "tipos-de-licencias" as "Tipos de licencias". */
function sentence(slug) {
  const words = slug.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
