// Makes and changes elements. Data only ever becomes text or attribute values here, never markup:
// there is no innerHTML in this site. Knows nothing of courses, of the API or of views.

let identifiers = 0;

/** A new identifier, unique in the page, that starts with `prefix`. */
export function uniqueId(prefix) {
  identifiers += 1;
  return `${prefix}-${identifiers}`;
}

/**
 * An element. `attributes`: null, undefined and false are left out, true becomes an empty attribute,
 * `on` is {event name: listener}. `children`: elements, strings, numbers or arrays of these; null and false are left out.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      setAttribute(element, name, value);
    }
  }
  element.append(...nodes(children));
  return element;
}

/** Replaces what is inside `parent` by `children` (as in `el`). */
export function fill(parent, ...children) {
  parent.replaceChildren(...nodes(children));
}

/** Sets the text of `element` only if it differs, so that nothing blinks and no live region repeats itself. */
export function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = String(text);
}

/** Sets an attribute; null, undefined and false remove it, true makes it empty. */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}
