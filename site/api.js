// The course API as functions: one method per route, errors as typed errors. Knows the wire, not the pages.

import { NetworkError, RequestError, SessionEnded } from "./errors.js";
import { jsonObject, request } from "./http.js";

export class Api {
  #endpoint;
  #session;
  #renewedInSilence = false; // whether a token was renewed since the API last answered

  /** `session` gives access tokens: accessToken() and replace(). */
  constructor(endpoint, session) {
    this.#endpoint = endpoint;
    this.#session = session;
  }

  /** The person's own courses, newest first. */
  async courses() {
    return (await this.#call("GET", "/courses")).courses;
  }

  /** One course with what it cost (`spent`, US dollars) and its `files`: [{name, bytes, url, contentType}]. */
  async course(courseId) {
    return this.#call("GET", `/courses/${encodeURIComponent(courseId)}`);
  }

  /** One lesson or lab guide to read: {id, title, language, words, html}. */
  async unit(courseId, unitId) {
    return this.#call("GET", `/courses/${encodeURIComponent(courseId)}/units/${encodeURIComponent(unitId)}`);
  }

  /** An execution: status, outcome, steps, percent, total, done, cost, units and more. */
  async execution(executionId) {
    return this.#call("GET", `/executions/${encodeURIComponent(executionId)}`);
  }

  /** Asks for an execution to end: units in progress are finished, no more are started. */
  async cancel(executionId) {
    return this.#call("POST", `/executions/${encodeURIComponent(executionId)}/cancel`, {});
  }

  /** Where an outline may be uploaded: {courseId, uploadId, upload: {url, fields}, maxBytes}. `courseId` null: a new course. */
  async prepareUpload(filename, courseId = null) {
    return this.#call("POST", "/courses", { ...(filename && { filename }), ...(courseId && { courseId }) });
  }

  /** Sends `text` to the place that `prepareUpload` gave. */
  async upload({ url, fields }, text) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([text], { type: "application/yaml" }), "outline.yaml");
    const response = await request(url, { method: "POST", body: form, seconds: 120 });
    if (response.ok) return;
    const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
    if (code === "EntityTooLarge") throw new RequestError(413, "", "");
    throw new RequestError(response.status, "The outline could not be uploaded", `The storage refused it${
      code ? ` (${code})` : ""}. Start again; if it happens again, ask the people who run this platform.`);
  }

  /**
   * Starts or joins an execution: {executionId, courseId, joined, units}. `uploadId` null: the outline accepted before.
   * `choices` go by the API's names; those that are null, false or empty are left out: the platform's settings hold.
   */
  async start(courseId, uploadId, choices) {
    const chosen = Object.entries(choices).filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
    return this.#call("POST", `/courses/${encodeURIComponent(courseId)}/executions`, { uploadId, ...Object.fromEntries(chosen) });
  }

  async #call(method, path, body = null) {
    const token = await this.#session.accessToken();
    let response = await this.#answered(token, method, path, body);
    if (response.status === 401) {
      // The token may have been revoked or the clock here may be wrong: one new token, one more attempt.
      response = await this.#send(await this.#session.replace(token), method, path, body);
      if (response.status === 401) throw new SessionEnded("the API does not accept the token");
    }
    const answer = await jsonObject(response);
    if (response.ok && answer !== null) return answer;
    if (response.ok) throw new RequestError(502, "The answer could not be read", "");
    throw new RequestError(response.status, answer?.title ?? "", answer?.detail ?? "", answer?.problems ?? []);
  }

  /**
   * As #send. A gateway may refuse a token without the headers that let a page read the refusal: then it looks like no
   * answer. So the first time that no answer comes, the token is renewed, which ends the session if it has to end.
   */
  async #answered(token, method, path, body) {
    try {
      return await this.#send(token, method, path, body);
    } catch (error) {
      if (!(error instanceof NetworkError) || this.#renewedInSilence) throw error;
      this.#renewedInSilence = true;
      const renewed = await this.#session.replace(token);
      if (method !== "GET") throw error; // it may have been carried out: whoever asked decides
      return this.#send(renewed, method, path, body);
    }
  }

  async #send(token, method, path, body) {
    const response = await request(this.#endpoint + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    this.#renewedInSilence = false;
    return response;
  }
}
