// The list of the person's own courses. Knows what a course is in a list; opening one is another view.

import { chip, errorNotice, notice, noticePlace, viewHeading } from "../components.js";
import { el, fill, setText } from "../dom.js";
import { poll } from "../poll.js";
import { count, languageName, languageTag, moment, money, statusOf } from "../wording.js";

/** The view: asks for the list, and again while one of the courses is being generated. */
export function coursesView({ api, onError }) {
  const place = noticePlace();
  const list = el("div", { class: "course-list-place" }, el("p", { class: "loading" }, "Loading your courses…"));
  const element = el("div", {},
    el("div", { class: "view-head" },
      viewHeading("Your courses"),
      el("a", { class: "button primary", href: "#/new" }, "New course")),
    place.element, list);
  let shown = null;

  const stop = poll(async () => {
    const courses = await api.courses();
    place.clear();
    const fresh = JSON.stringify(courses);
    if (fresh !== shown) show(courses);
    shown = fresh;
    return courses.some((course) => course.status === "RUNNING");
  }, {
    every: () => 4000,
    hidden: 60_000,
    onTrouble(error) {
      if (shown === null) setText(list.firstChild, "Still trying to load your courses…");
      place.show(errorNotice(error));
    },
    onFailure(error) {
      if (onError(error)) return;
      fill(list);
      place.show(errorNotice(error, { label: "Try again", run: () => location.reload() }));
    },
  });

  function show(courses) {
    if (courses.length === 0) {
      fill(list, el("div", { class: "panel empty" },
        el("h2", {}, "No course yet"),
        el("p", {}, "Give an outline in YAML and get a book and a lab book: every lesson and lab written, illustrated and bound as PDF, Word, HTML and Markdown."),
        el("p", {}, el("a", { class: "button", href: "#/new" }, "Start with an outline"))));
      return;
    }
    const focused = document.activeElement?.getAttribute("href");
    fill(list, el("ul", { class: "course-list" }, courses.map(item)));
    list.querySelector(`a[href="${CSS.escape(focused ?? "")}"]`)?.focus();
  }

  return { element, title: "Your courses", stop };
}

function item(course) {
  const facts = [
    count(course.modules, "module"), count(course.lessons, "lesson"), course.labs > 0 && count(course.labs, "lab"),
    languageName(course.language), moment(course.createdAt), course.spent > 0 && money(course.spent),
  ].filter(Boolean);
  return el("li", { class: "course-item" },
    el("div", { class: "course-item-text" },
      el("a", { class: "course-link", href: `#/courses/${course.courseId}`, lang: languageTag(course.language) }, course.title || "Untitled course"),
      el("p", { class: "facts" }, facts.map((fact) => el("span", {}, fact)))),
    chip(statusOf(course)));
}

/** The view for an address that leads nowhere. */
export function lostView() {
  return {
    element: el("div", {}, viewHeading("There is nothing here"),
      notice("info", "The address does not lead to a course", "It may be incomplete."),
      el("p", {}, el("a", { href: "#/" }, "Go to your courses"))),
    title: "Not found",
    stop() {},
  };
}
