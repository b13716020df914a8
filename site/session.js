// Who is signed in: talks to Cognito's own JSON endpoint and keeps the tokens in memory, nowhere else.
// Knows nothing of the course API or of views. The access token goes to the API (it carries `client_id`, which
// the authorizer compares with its audience, and `sub`; AWS recommends it over the id token for calling APIs).

import { NetworkError, SessionEnded, SignInError, isTemporary } from "./errors.js";
import { jsonObject, request } from "./http.js";

/** A token this close to its end is renewed before it is used. */
const RENEW_BEFORE_SECONDS = 60;

export class Session {
  #endpoint;
  #clientId;
  #tokens = null; // {access, refresh, until (epoch milliseconds)}
  #renewal = null; // the one renewal under way, shared by all who wait for it

  /** The address of who is, or was last, signed in; null at first. */
  email = null;

  constructor({ endpoint, clientId }) {
    this.#endpoint = endpoint;
    this.#clientId = clientId;
  }

  get signedIn() {
    return this.#tokens !== null;
  }

  /** Forgets the tokens; `email` stays, to sign in again with. */
  end() {
    this.#tokens = null;
  }

  /** null when signed in, else the step that is asked first: {newPassword: true, email, session} or {resetPassword: true}. */
  async signIn(email, password) {
    let answer;
    try {
      answer = await this.#call("InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH", ClientId: this.#clientId, AuthParameters: { USERNAME: email, PASSWORD: password },
      });
    } catch (error) {
      if (error.code === "PasswordResetRequiredException") return { resetPassword: true };
      throw error;
    }
    if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED") {
      const username = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? email;
      return { newPassword: true, email, username, session: answer.Session };
    }
    this.#accept(email, answer);
    return null;
  }

  /** Answers the first-password step that `signIn` returned; signed in afterwards. */
  async chooseFirstPassword({ email, username, session }, password) {
    this.#accept(email, await this.#call("RespondToAuthChallenge", {
      ChallengeName: "NEW_PASSWORD_REQUIRED", ClientId: this.#clientId, Session: session,
      ChallengeResponses: { USERNAME: username, NEW_PASSWORD: password },
    }));
  }

  /** Has a code sent by e-mail, if the account exists. */
  async requestCode(email) {
    await this.#call("ForgotPassword", { ClientId: this.#clientId, Username: email });
  }

  /** Sets a new password with the code of the e-mail. */
  async resetPassword(email, code, password) {
    await this.#call("ConfirmForgotPassword", {
      ClientId: this.#clientId, Username: email, ConfirmationCode: code, Password: password,
    });
  }

  /** A token that is valid now, renewed if needed. Raises SessionEnded, or NetworkError when the renewal got no answer. */
  async accessToken() {
    if (this.#tokens === null) throw new SessionEnded("not signed in");
    const { access, until } = this.#tokens;
    return Date.now() >= until - RENEW_BEFORE_SECONDS * 1000 ? this.replace(access) : access;
  }

  /**
   * Another access token than `token`, which is of no use any more: got with the refresh token, or by another request
   * meanwhile. Raises SessionEnded when Cognito refuses that, or NetworkError.
   */
  async replace(token) {
    if (this.#tokens === null || this.#tokens.access === token) {
      this.#renewal ??= this.#renewOnce().finally(() => { this.#renewal = null; });
      await this.#renewal;
    }
    return this.#tokens.access;
  }

  /** Forgets the tokens and has Cognito revoke them. */
  async signOut() {
    const refresh = this.#tokens?.refresh;
    this.#tokens = null;
    this.email = null;
    if (!refresh) return;
    try {
      await this.#call("RevokeToken", { ClientId: this.#clientId, Token: refresh });
    } catch (error) {
      // The tokens are gone from this page in any case; without an answer they end by themselves.
      if (!(error instanceof NetworkError || error instanceof SignInError)) throw error;
    }
  }

  async #renewOnce() {
    const held = this.#tokens;
    if (!held?.refresh) throw new SessionEnded("nothing to renew with");
    let answer;
    try {
      answer = await this.#call("InitiateAuth", {
        AuthFlow: "REFRESH_TOKEN_AUTH", ClientId: this.#clientId, AuthParameters: { REFRESH_TOKEN: held.refresh },
      });
    } catch (error) {
      if (isTemporary(error)) throw error;
      this.#tokens = null;
      throw new SessionEnded("the refresh token is not accepted", { cause: error });
    }
    if (this.#tokens !== held) throw new SessionEnded("signed out meanwhile");
    this.#accept(this.email, answer, held.refresh);
  }

  #accept(email, answer, refresh = null) {
    const result = answer.AuthenticationResult;
    if (!result?.AccessToken) {
      throw new SignInError("UnsupportedChallenge", `This account asks for a step that this page does not offer: ${
        answer.ChallengeName ?? "unknown"}. Tell the people who run this platform.`);
    }
    this.email = email;
    this.#tokens = {
      access: result.AccessToken, refresh: result.RefreshToken ?? refresh, until: Date.now() + result.ExpiresIn * 1000,
    };
  }

  async #call(operation, body) {
    const response = await request(this.#endpoint, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(body),
    });
    const answer = await jsonObject(response);
    if (response.ok && answer !== null) return answer;
    if (response.ok && operation === "RevokeToken") return {}; // its success has an empty body
    if (response.status >= 500 || answer === null) throw new NetworkError(`sign-in answered ${response.status}`);
    const code = String(answer.__type ?? "Unknown").split("#").pop();
    throw new SignInError(code, answer.message ?? answer.Message ?? code);
  }
}
