// The files of a course as links. Their addresses are signed and end after a while, so old ones are asked for anew.

import { el, fill } from "../dom.js";
import { size } from "../wording.js";

const BOOK = {
  "book.pdf": ["PDF", "To print and to pass on"],
  "book.html": ["HTML", "To read in a browser, images included"],
  "book.md": ["Markdown", "To edit"],
  "book.json": ["JSON", "For other programs"],
};

/** Signed addresses live for minutes; links older than this are renewed before they are followed. Milliseconds. */
const FRESH_FOR = 5 * 60_000;

/** {element, show(files)}; a file: {name, bytes, url, contentType}. `renew` asks for the files again and shows them. */
export function downloads(renew) {
  const content = el("div", {});
  const element = el("section", { class: "panel downloads", "aria-labelledby": "downloads-heading", hidden: true },
    el("h2", { id: "downloads-heading" }, "Download"), content);
  let since = 0;

  function link(file, ...label) {
    return el("a", {
      // In a tab of its own: leaving this page would end the session, which lives in its memory.
      href: file.url, target: "_blank", rel: "noopener noreferrer", download: file.name.split("/").pop(), "data-file": file.name,
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

  return {
    element,
    show(files) {
      since = Date.now();
      const books = Object.keys(BOOK).map((name) => files.find((file) => file.name === name)).filter(Boolean);
      const lessons = files.filter((file) => file.name.startsWith("lessons/"));
      element.hidden = books.length + lessons.length === 0;
      const wasOpen = element.querySelector("details")?.open ?? false;
      fill(content,
        books.length > 0 && el("ul", { class: "books" }, books.map((file) => {
          const [kind, use] = BOOK[file.name];
          return el("li", {}, link(file,
            el("span", { class: "book-kind" }, el("span", { class: "visually-hidden" }, "Book as "), kind),
            el("span", { class: "book-use" }, use),
            el("span", { class: "book-size" }, size(file.bytes))));
        })),
        lessons.length > 0 && el("details", { open: wasOpen },
          el("summary", {}, `Single lessons (${lessons.length})`),
          el("ul", { class: "lesson-files" }, lessons.map((file) => el("li", {},
            link(file, file.name.slice("lessons/".length)), el("span", { class: "quiet" }, size(file.bytes)))))));
    },
  };
}
