// Evaluated in the page by tests: answers a list of sentences, each a fault in accessibility. Empty is good.
() => {
  const faults = [];
  const name = (element) => `<${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}${
    element.className ? `.${String(element.className).replaceAll(" ", ".")}` : ""}> "${element.textContent.trim().slice(0, 40)}"`;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });

  // Document, landmarks, headings
  if (!document.documentElement.lang) faults.push("the document has no language");
  if (!document.title.includes("Aurora")) faults.push("the title does not name the product");
  for (const landmark of ["main", "body > header"]) {
    if (all(landmark).filter(shown).length !== 1) faults.push(`there is not exactly one ${landmark}`);
  }
  const headings = all("h1, h2, h3, h4, h5, h6").filter(shown);
  const levels = headings.map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) faults.push(`${levels.filter((level) => level === 1).length} h1`);
  levels.forEach((level, index) => {
    if (index > 0 && level > levels[index - 1] + 1) faults.push(`a heading level is skipped before ${name(headings[index])}`);
  });

  // Identifiers and references
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) faults.push(`the id ${id} is used twice`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for"]) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!document.getElementById(id)) faults.push(`${attribute} of ${name(element)} refers to nothing: ${id}`);
      }
    }
  }

  // Names, focus, size of what can be operated
  const textOf = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
    return node.getAttribute("alt") ?? [...node.childNodes].map(textOf).join("");
  };
  const accessibleName = (element) => (element.getAttribute("aria-label")
    || (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? "").join(" ")
    || [...(element.labels ?? [])].map(textOf).join(" ")
    || (element.matches("button, a, summary") ? textOf(element) : "")).trim();
  for (const element of all("a[href], button, input, select, textarea, summary, progress").filter(shown)) {
    if (accessibleName(element) === "") faults.push(`${name(element)} has no name`);
    if (element.matches("progress")) continue;
    const box = element.getBoundingClientRect();
    const inSentence = getComputedStyle(element).display === "inline";
    const viaLabel = element.matches("[type=checkbox], [type=radio]"); // its label is a target too
    if (!inSentence && !viaLabel && (box.width < 24 || box.height < 24)) {
      faults.push(`${name(element)} is a small target: ${Math.round(box.width)} x ${Math.round(box.height)}`);
    }
    if (element.tabIndex < 0) faults.push(`${name(element)} cannot be reached by keyboard`);
  }
  for (const element of all("[tabindex]")) if (element.tabIndex > 0) faults.push(`${name(element)} changes the tab order`);
  for (const image of all("img:not([alt])")) faults.push(`${name(image)} has no alternative text`);

  // Contrast
  const colour = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const over = (top, bottom) => {
    const mix = (channel) => top[channel] * top.alpha + bottom[channel] * (1 - top.alpha);
    return { red: mix("red"), green: mix("green"), blue: mix("blue"), alpha: 1 };
  };
  const behind = (element) => {
    if (element === null) return { red: 255, green: 255, blue: 255, alpha: 1 };
    const own = colour(getComputedStyle(element).backgroundColor);
    return own.alpha === 1 ? own : over(own, behind(element.parentElement));
  };
  const luminance = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue].map((channel) => channel / 255)
      .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const check = (element, style, what) => {
    const ground = behind(element);
    const ratio = contrast(over(colour(style.color), ground), ground);
    const size = Number.parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed) faults.push(`${what} of ${name(element)} has a contrast of ${ratio.toFixed(2)}`);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.textContent.trim() === "" || !shown(element) || element.closest("script, noscript, option")) continue;
    check(element, getComputedStyle(element), "the text");
  }
  for (const element of all("input, textarea, select").filter(shown)) {
    check(element, getComputedStyle(element), "the value");
    if (element.placeholder) check(element, getComputedStyle(element, "::placeholder"), "the placeholder");
    const style = getComputedStyle(element);
    if (style.borderTopWidth !== "0px" && !element.readOnly && !element.matches("[type=checkbox], [type=radio]")) {
      const ratio = contrast(colour(style.borderTopColor), behind(element.parentElement));
      if (ratio < 3) faults.push(`the border of ${name(element)} has a contrast of ${ratio.toFixed(2)}`);
    }
  }
  return faults;
}
