// Makes elements of HTML text by copying what is known to be harmless, piece by piece, into new nodes. The text is only
// parsed (DOMParser runs nothing and loads nothing); what is not on the lists never reaches the page.

import { el } from "./dom.js";

/** Elements that are copied, each with the attributes that are copied with it. */
const COPIED = {
  a: ["title"], abbr: ["title"], b: [], blockquote: [], br: [], caption: [], code: [], dd: [], del: [], details: ["open"], dl: [],
  dt: [], em: [], figcaption: [], figure: [], h1: [], h2: [], h3: [], h4: [], h5: [], h6: [], hr: [], i: [], img: ["alt", "width", "height"],
  ins: [], kbd: [], li: ["value"], mark: [], ol: ["start"], p: [], pre: [], q: [], s: [], samp: [], small: [], strong: [], sub: [],
  summary: [], sup: [], table: [], tbody: [], td: ["colspan", "rowspan"], tfoot: [], th: ["colspan", "rowspan", "scope"], thead: [], tr: [],
  u: [], ul: [], var: [],
};
/** Elements that go with all that is in them; of any other that is unknown, the content stays. */
const DROPPED = new Set([
  "applet", "audio", "base", "button", "canvas", "embed", "form", "frame", "frameset", "head", "iframe", "input", "link", "math", "meta",
  "noembed", "noframes", "noscript", "object", "option", "script", "select", "style", "svg", "template", "textarea", "title", "video",
]);
/** Deeper nesting than a text has: what lies below is left out. */
const DEEPEST = 60;

/** Classes that are copied: how a cell is aligned, and that an image is missing. */
const CLASSES = ["right", "center", "no-image"];

/** The nodes, elements and strings, of the HTML text `html`. No heading is above level 2: the first is the view's. */
export function safeNodes(html) {
  return copies(new DOMParser().parseFromString(html, "text/html").body, 0);
}

function copies(parent, depth) {
  return depth > DEEPEST ? [] : [...parent.childNodes].flatMap((node) => copied(node, depth));
}

function copied(node, depth) {
  if (node.nodeType === Node.TEXT_NODE) return [node.data];
  if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.localName)) return [];
  const inside = () => copies(node, depth + 1);
  if (!Object.hasOwn(COPIED, node.localName)) return inside();
  const attributes = Object.fromEntries(COPIED[node.localName].filter((name) => node.hasAttribute(name))
    .map((name) => [name, node.getAttribute(name)]));
  attributes.class = CLASSES.find((name) => node.classList.contains(name));
  switch (node.localName) {
    case "a": return link(node, attributes, inside());
    case "img": return image(node, attributes);
    case "table": return [el("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": "Table" }, el("table", attributes, inside()))];
    case "pre": return [el("pre", { tabindex: "0" }, inside())];
    case "h1": return [el("h2", {}, inside())];
    default: return [el(node.localName, attributes, inside())];
  }
}

/** A link that leads out of the page, in a tab of its own; others would change the view or run code, so their text stays. */
function link(node, attributes, inside) {
  const url = address(node.getAttribute("href"));
  if (url === null || !["http:", "https:", "mailto:"].includes(url.protocol)) return inside;
  return [el("a", { ...attributes, href: url.href, target: "_blank", rel: "noopener noreferrer" }, inside)];
}

/** An image, if it comes encrypted or, on a page that itself does not, from this machine; else what it would have shown, in words. */
function image(node, attributes) {
  const url = address(node.getAttribute("src"));
  const local = location.protocol === "http:" && url?.protocol === "http:";
  if (url === null || !(url.protocol === "https:" || local)) return attributes.alt ? [attributes.alt] : [];
  return [el("img", { alt: "", ...attributes, src: url.href, loading: "lazy", decoding: "async" })];
}

/** An absolute address, or null: relative ones would mean this page. */
function address(text) {
  try {
    return new URL((text ?? "").trim());
  } catch {
    return null; // no address at all: the caller does without
  }
}
