// fetch with the choices that every request of this site makes: no cookies, no cache, a time limit,
// and a NetworkError when no answer came. Knows nothing of what is asked.

import { NetworkError } from "./errors.js";

/** The Response, whatever its status. `seconds` bounds the whole request. Raises NetworkError. */
export async function request(url, { seconds = 30, ...options } = {}) {
  try {
    return await fetch(url, {
      cache: "no-store", credentials: "omit", mode: "cors", referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(seconds * 1000), ...options,
    });
  } catch (error) {
    throw new NetworkError("no answer", { cause: error });
  }
}

/** The JSON object of `response`, or null when the body is absent, cut off or something else. */
export async function jsonObject(response) {
  try {
    const value = JSON.parse(await response.text());
    return value !== null && typeof value === "object" ? value : null;
  } catch {
    return null; // The caller decides by the status; a body that is no JSON says nothing more.
  }
}
