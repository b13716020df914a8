// The course API as functions: one method per route, errors as typed errors. Knows the wire, not the pages.

import { RequestError, SessionEnded } from "./errors.js";
import { jsonObject, request } from "./http.js";

export class Api {
  #endpoint;
  #session;

  /** `session` gives access tokens: accessToken() and renew(). */
  constructor(endpoint, session) {
    this.#endpoint = endpoint;
    this.#session = session;
  }

  /** The person's own courses, newest first. */
  async courses() {
    return (await this.#call("GET", "/courses")).courses;
  }

  /** One course with its `files`: [{name, bytes, url, contentType}]. */
  async course(courseId) {
    return this.#call("GET", `/courses/${encodeURIComponent(courseId)}`);
  }

  /** An execution: status, outcome, step, percent, total, done, lessons. */
  async execution(executionId) {
    return this.#call("GET", `/executions/${encodeURIComponent(executionId)}`);
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
      code ? ` (${code})` : ""}. Start again; if it stays, tell the people who run this platform.`);
  }

  /** Starts or joins an execution: {executionId, courseId, joined, lessons}. `uploadId` null: the outline accepted before. */
  async start(courseId, { uploadId, modules, force, model }) {
    return this.#call("POST", `/courses/${encodeURIComponent(courseId)}/executions`, {
      uploadId, ...(modules && { modules }), ...(force && { force }), ...(model && { model }),
    });
  }

  async #call(method, path, body = null) {
    let response = await this.#send(method, path, body);
    if (response.status === 401) {
      // The token may have been revoked or the clock here may be wrong: one new token, one more attempt.
      await this.#session.renew();
      response = await this.#send(method, path, body);
      if (response.status === 401) throw new SessionEnded("the API does not accept the token");
    }
    const answer = await jsonObject(response);
    if (response.ok && answer !== null) return answer;
    if (response.ok) throw new RequestError(502, "The answer could not be read", "");
    throw new RequestError(response.status, answer?.title ?? "", answer?.detail ?? "", answer?.problems ?? []);
  }

  async #send(method, path, body) {
    const token = await this.#session.accessToken();
    return request(this.#endpoint + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
  }
}
