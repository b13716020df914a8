// Starts the page: reads the configuration, keeps the header true, and shows the view that address and session call for.
// The only module that knows all views; views know each other by address alone.

import { Api } from "./api.js";
import { button, notice, viewHeading } from "./components.js";
import { loadConfiguration } from "./configuration.js";
import { el, fill, setText } from "./dom.js";
import { ConfigurationError, SessionEnded } from "./errors.js";
import { Session } from "./session.js";
import { courseView } from "./views/course.js";
import { coursesView, lostView } from "./views/courses.js";
import { outlineView } from "./views/outline.js";
import { readingView } from "./views/reading.js";
import { signInView } from "./views/sign-in.js";

const main = document.getElementById("main");
const account = document.getElementById("account");
const announcer = document.getElementById("announcer");

const announce = (text) => setText(announcer, text);

/** The page of one platform, from its configuration on. */
function run(configuration) {
  const session = new Session(configuration.signIn);
  const api = new Api(configuration.apiEndpoint, session);
  const { models, limits } = configuration.courses;
  const drafts = new Map(); // by course id, "" for a new course: {text, filename}
  const titles = new Map(); // by course id: the titles of its units, by their ids
  let view = null;
  let joinedCourse = null;

  const setTitle = (title) => {
    document.title = `${title} · Aurora ${configuration.environment}`;
  };

  function show(make) {
    view?.stop();
    view = make();
    fill(main, view.element);
    window.scrollTo(0, 0);
  }

  function showSignIn(message = null) {
    fill(account);
    show(() => signInView({
      session, configuration, setTitle, message,
      onSignedIn() {
        fill(account, el("span", { class: "account-name" }, session.email),
          button("Sign out", { class: "button small", on: { click: signOut } }));
        announce("Signed in.");
        route();
      },
    }));
    view.focus();
  }

  async function signOut() {
    drafts.clear();
    titles.clear();
    joinedCourse = null;
    const ending = session.signOut();
    history.replaceState(null, "", "#/");
    showSignIn(notice("good", "You are signed out", null));
    await ending;
  }

  /** For views: whether `error` was the end of the session, which is dealt with here. */
  function onError(error) {
    if (!(error instanceof SessionEnded)) return false;
    session.end();
    showSignIn(notice("warn", "Your session has ended", "Sign in again and you are back where you were; what you entered is still there."));
    return true;
  }

  function draftFor(key) {
    if (!drafts.has(key)) drafts.set(key, { text: "", filename: "" });
    return drafts.get(key);
  }

  function titlesOf(courseId) {
    if (!titles.has(courseId)) titles.set(courseId, new Map());
    return titles.get(courseId);
  }

  function viewAt(hash) {
    const parts = hash.replace(/^#?\/?/, "").split("/").filter(Boolean);
    const [place, courseId, part, unitId] = parts;
    const outline = (id) => outlineView({
      api, models, limits, onError, courseId: id, draft: draftFor(id ?? ""),
      onStarted(started) {
        joinedCourse = started.joined ? started.courseId : null;
        location.hash = `#/courses/${started.courseId}`;
      },
    });
    if (parts.length === 0) return coursesView({ api, onError });
    if (place === "new" && parts.length === 1) return outline(null);
    if (place === "courses" && parts.length === 2) {
      const joined = joinedCourse === courseId;
      joinedCourse = null;
      return courseView({ api, models, limits, courseId, titles: titlesOf(courseId), joined, setTitle, announce, onError });
    }
    if (place === "courses" && part === "outline" && parts.length === 3) return outline(courseId);
    if (place === "courses" && part === "units" && parts.length === 4) return readingView({ api, courseId, unitId, setTitle, onError });
    return lostView();
  }

  function route() {
    if (!session.signedIn) return;
    show(() => viewAt(location.hash));
    setTitle(view.title);
    main.querySelector("h1").focus();
  }

  window.addEventListener("hashchange", route);
  showSignIn();
}

function showEnvironment({ environment, stage }) {
  const badge = document.getElementById("environment");
  fill(badge, el("span", { class: "visually-hidden" }, "Environment: "), environment);
  document.documentElement.dataset.stage = ["local", "dev", "staging", "prod"].includes(stage) ? stage : "other";
  badge.hidden = false;
}

function showFailure(error) {
  document.title = "Not configured · Aurora";
  fill(main, el("div", { class: "stack" }, viewHeading("This site is not configured"),
    notice("bad", "It does not know which platform it belongs to", error.message),
    el("p", {}, "Nothing was sent anywhere. Reload the page; if it happens again, ask the people who run this platform: the deployment writes ",
      el("code", {}, "/config.js"), ", and it has to be complete."),
    button("Reload", { on: { click: () => location.reload() } })));
  main.querySelector("h1").focus();
}

document.querySelector(".skip-link").addEventListener("click", (event) => {
  event.preventDefault(); // the address after # is the view
  main.focus();
});

// A file that misses the drop area would replace this page, and the session in its memory with it.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
}

try {
  const configuration = await loadConfiguration();
  showEnvironment(configuration);
  run(configuration);
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  showFailure(error);
}
