// The files of a course as links. Their addresses are signed and end after a while, so old ones are asked for again.

import { el, fill } from "../dom.js";
import { KINDS } from "../units.js";
import { size } from "../wording.js";

const FORMATS = {
  pdf: ["PDF", "To print and to pass on"],
  docx: ["Word", "To edit and to comment"],
  html: ["HTML", "To read in a browser, images included"],
  md: ["Markdown", "For authors and version control"],
  json: ["JSON", "For other programs"],
};
const ARCHIVE = "course.zip";
const FOLDERS = [
  [KINDS.slides, "Slides by module"],
  [KINDS.lesson, "Single lessons"],
  [KINDS.lab, "Single labs"], // their plan, which lies there as well, is for programs: the archive has it
];

/** Signed addresses live for minutes; links older than this are renewed before they are followed. Milliseconds. */
const FRESH_FOR = 5 * 60_000;

/** {element, show(files)}; a file: {name, bytes, url, contentType}. `renew` asks for the files again and shows them. */
export function downloads(renew) {
  const content = el("div", { class: "download-groups" });
  const everything = el("div", { class: "everything" });
  const element = el("section", { class: "panel downloads", "aria-labelledby": "downloads-heading", hidden: true },
    el("div", { class: "downloads-head" }, el("h2", { id: "downloads-heading" }, "Download"), everything), content);
  let since = 0;

  function link(file, attributes, ...label) {
    return el("a", {
      // In a tab of its own: leaving this page would end the session, which lives in its memory.
      href: file.url, target: "_blank", rel: "noopener noreferrer", download: file.name.split("/").pop(), "data-file": file.name, ...attributes,
      on: {
        async click(event) {
          if (Date.now() - since < FRESH_FOR) return;
          event.preventDefault();
          await renew();
          const renewed = element.querySelector(`a[data-file="${CSS.escape(file.name)}"]`);
          renewed?.focus();
          renewed?.click();
        },
      },
    }, label);
  }

  /** One book in its formats; false if there is none. */
  function book(files, stem, title) {
    const formats = Object.keys(FORMATS).map((extension) => [extension, files.find((file) => file.name === `${stem}.${extension}`)])
      .filter(([, file]) => file);
    return formats.length > 0 && el("div", { class: "download-group" }, el("h3", {}, title),
      el("ul", { class: "books" }, formats.map(([extension, file]) => {
        const [kind, use] = FORMATS[extension];
        return el("li", {}, link(file, {},
          el("span", { class: "book-kind" }, el("span", { class: "visually-hidden" }, `${title} as `), kind),
          el("span", { class: "book-use" }, use),
          el("span", { class: "book-size" }, size(file.bytes))));
      })));
  }

  function folder(files, [{ folder: prefix, extension }, title], open) {
    const own = files.filter((file) => file.name.startsWith(prefix) && file.name.endsWith(`.${extension}`));
    return own.length > 0 && el("details", { open: open.has(prefix), "data-folder": prefix },
      el("summary", {}, `${title} (${own.length})`),
      el("ul", { class: "single-files" }, own.map((file) => el("li", {},
        link(file, {}, file.name.slice(prefix.length)), el("span", { class: "quiet" }, size(file.bytes))))));
  }

  return {
    element,
    show(files) {
      since = Date.now();
      const open = new Set([...element.querySelectorAll("details[open]")].map((details) => details.dataset.folder));
      const archive = files.find((file) => file.name === ARCHIVE);
      element.hidden = files.length === 0;
      fill(everything, archive && link(archive, { class: "button small" }, `Download everything (ZIP, ${size(archive.bytes)})`));
      fill(content, book(files, "book", "Book"), book(files, "lab-book", "Lab book"),
        el("div", { class: "folders" }, FOLDERS.map((each) => folder(files, each, open))));
    },
  };
}
