// The errors that pages meet, and the one place that puts them into plain words with what to do next.
// Knows nothing of the DOM.

/** The request did not reach the platform, or no answer came back in time. */
export class NetworkError extends Error {
  name = "NetworkError";
}

/** The person is signed in no longer: the tokens are gone, expired or revoked. */
export class SessionEnded extends Error {
  name = "SessionEnded";
}

/** Cognito refused. `code` is its exception name, e.g. "NotAuthorizedException"; `message` its own sentence. */
export class SignInError extends Error {
  name = "SignInError";

  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The API, or the storage of uploads, answered with an error. `problems`: [{line, column, message, hint}] of an outline. */
export class RequestError extends Error {
  name = "RequestError";

  constructor(status, title, detail, problems = []) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.problems = problems;
  }
}

/** `/config.js` is absent or lacks something: the page cannot know which platform it belongs to. */
export class ConfigurationError extends Error {
  name = "ConfigurationError";
}

/** Whether the same request may well succeed a little later. */
export function isTemporary(error) {
  return error instanceof NetworkError
    || (error instanceof SignInError && error.code === "TooManyRequestsException")
    || (error instanceof RequestError && (error.status === 429 || error.status >= 500));
}

const BY_STATUS = {
  401: ["You are signed out", "Sign in again to go on."],
  403: ["This is not allowed", "Your account may not do this. If it should, ask the people who run this platform."],
  404: ["Not found", "It does not exist, or it belongs to somebody else. Go back to your courses and choose one there."],
  413: ["The outline is too large", "Up to 1 MB (1,000,000 bytes) is accepted. Split the course into smaller ones."],
  422: ["The outline has errors", "Correct the lines that are listed, then start again."],
  429: ["Too many requests", "Wait a minute, then try again."],
};

/** {title, detail}: any error in plain words, with what to do next. */
export function describe(error) {
  if (error instanceof NetworkError) {
    return { title: "The platform cannot be reached", detail: "Check your connection, then try again. Nothing you entered is lost." };
  }
  if (error instanceof SignInError) return { title: "That did not work", detail: describeSignIn(error) };
  if (error instanceof RequestError) {
    const [title, detail] = BY_STATUS[error.status]
      ?? (error.status >= 500
        ? ["The platform has a problem", "It is not your fault. Try again in a minute; if it happens again, ask the people who run this platform."]
        : ["The request was refused", "Check what you entered, then try again."]);
    return { title: error.title || title, detail: error.detail || detail };
  }
  return { title: "Something went wrong in this page", detail: `Reload the page and try again. (${error.message})` };
}

const BY_SIGN_IN_CODE = {
  CodeMismatchException: "The code is not right. Check it in the e-mail, or ask for a new one.",
  ExpiredCodeException: "The code is no longer valid. Ask for a new one.",
  LimitExceededException: "Too many attempts. Wait a while (up to an hour), then try again.",
  TooManyFailedAttemptsException: "Too many wrong codes. Wait a while, then ask for a new one.",
  TooManyRequestsException: "Too many requests at the moment. Wait a minute, then try again.",
  UserNotFoundException: "The e-mail address or the password is not right.",
  UserNotConfirmedException: "This account is not confirmed yet. Ask the people who run this platform.",
  ResourceNotFoundException: "This site's sign-in settings do not match the platform. Tell the people who run it.",
};

function describeSignIn(error) {
  if (error.code === "NotAuthorizedException") {
    if (/attempts exceeded/i.test(error.message)) return "Too many wrong passwords. Wait a few minutes, then try again.";
    if (/temporary password has expired/i.test(error.message)) {
      return "The first password has expired. Ask the people who run this platform for a new one.";
    }
    if (/disabled/i.test(error.message)) return "This account is switched off. Ask the people who run this platform.";
    if (/session/i.test(error.message)) return "That step took too long. Sign in again from the start.";
    return "The e-mail address or the password is not right.";
  }
  if (error.code === "InvalidPasswordException") {
    return `This password is not strong enough. ${error.message.replace(/^Password did not conform with policy:\s*/i, "")}`;
  }
  return BY_SIGN_IN_CODE[error.code] ?? `${error.message} (${error.code})`;
}
