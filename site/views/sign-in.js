// Signing in, choosing the first password and resetting a forgotten one: the steps that come before everything else.
// Knows the session; knows nothing of courses.

import { button, errorNotice, field, notice, noticePlace, passwordField, viewHeading, whileBusy } from "../components.js";
import { el, fill } from "../dom.js";

const PASSWORD_RULE = "At least 12 characters, with a small letter, a capital and a digit.";

/** The view, with focus() for when it is in the page. `onSignedIn` is called once; `message` says why signing in is asked for, when it is asked again. */
export function signInView({ session, configuration, setTitle, onSignedIn, message = null }) {
  const place = noticePlace();
  const step = el("div", { class: "sign-in-step" });
  const element = el("div", { class: "sign-in" }, el("div", { class: "panel" }, step));
  let email = session.email ?? "";
  let focus = null;

  /** Shows one step: heading, notice place, form; the focus goes to its first empty field. */
  function show(title, introduction, fields, submitLabel, submit, others = []) {
    setTitle(title);
    place.clear();
    const go = button(submitLabel, { type: "submit", class: "button primary wide" });
    const form = el("form", {
      class: "stack", novalidate: true,
      on: {
        async submit(event) {
          event.preventDefault();
          for (const each of fields) each.clear();
          const empty = fields.find((each) => each.value.trim() === "");
          if (empty) {
            empty.fail("Please fill this in.");
            return;
          }
          place.clear();
          await whileBusy(go, "One moment…", async () => {
            try {
              await submit();
            } catch (error) {
              place.show(errorNotice(error));
              const again = fields.findLast((each) => each.control.type !== "email") ?? fields[0];
              again.control.focus();
            }
          });
        },
      },
    }, fields.map((each) => each.element), go);
    fill(step, viewHeading(title), introduction && el("p", { class: "lead" }, introduction), place.element, form,
      others.length > 0 && el("p", { class: "other-ways" }, others));
    focus = () => (fields.find((each) => each.value === "") ?? fields[0]).control.focus();
    focus();
  }

  function emailField() {
    return field("E-mail address", el("input", {
      type: "email", autocomplete: "username", inputmode: "email", autocapitalize: "off", spellcheck: "false", required: true, value: email,
    }));
  }

  function signIn(said = message) {
    const address = emailField();
    const password = passwordField("Password", "current-password");
    const where = configuration.stage === "local"
      ? "To Aurora on this machine. Address and password are shown in the terminal where it runs."
      : `To Aurora, environment ${configuration.environment}.`;
    show("Sign in", where, [address, password], "Sign in", async () => {
      email = address.value.trim();
      const asked = await session.signIn(email, password.value);
      if (asked?.newPassword) firstPassword(asked);
      else if (asked?.resetPassword) forgotten("You have to set a new password. We send you a code for that.");
      else onSignedIn();
    }, [link("Forgotten your password?", () => {
      email = address.value.trim();
      forgotten();
    })]);
    if (said) place.show(said);
  }

  function firstPassword(challenge) {
    const password = passwordField("New password", "new-password", PASSWORD_RULE);
    const user = el("input", { type: "email", autocomplete: "username", value: challenge.email, readonly: true });
    const who = field("E-mail address", user);
    show("Choose your password", "You signed in with a temporary password. From now on, use one that only you know.",
      [who, password], "Save and go on", async () => {
        await session.chooseFirstPassword(challenge, password.value);
        onSignedIn();
      }, [link("Start again", () => signIn(null))]);
  }

  function forgotten(introduction = "We send a code to your e-mail address, with which you set a new password.") {
    const address = emailField();
    show("Set a new password", introduction, [address], "Send the code", async () => {
      email = address.value.trim();
      await session.requestCode(email);
      reset();
    }, [link("Back to sign-in", () => signIn(null))]);
  }

  function reset() {
    const code = field("Code from the e-mail", el("input", {
      type: "text", autocomplete: "one-time-code", inputmode: "numeric", autocapitalize: "off", spellcheck: "false", required: true,
    }));
    const password = passwordField("New password", "new-password", PASSWORD_RULE);
    const said = configuration.stage === "local"
      ? "The local platform sends no e-mail: the code is in the terminal where it was started."
      : `If ${email} has an account, a code is on its way. It may take a minute.`;
    show("Check your e-mail", said, [code, password],
      "Set password and sign in", async () => {
        await session.resetPassword(email, code.value.trim(), password.value);
        const asked = await session.signIn(email, password.value);
        if (asked) signIn(notice("good", "Your new password is set", "Sign in with it."));
        else onSignedIn();
      }, [link("Send another code", () => forgotten()), " ", link("Back to sign-in", () => signIn(null))]);
  }

  signIn();
  return { element, focus: () => focus(), stop() {} };
}

function link(label, run) {
  return button(label, { class: "link", on: { click: run } });
}
