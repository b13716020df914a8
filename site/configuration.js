// Reads which platform this page belongs to from /config.js, which the deployment writes.
// There is no default and no fallback: a page that guesses an endpoint may show one environment's data in another.

import { ConfigurationError } from "./errors.js";

/**
 * {environment, apiEndpoint, stage, region, signIn: {endpoint, clientId}, courses: {models: {text, image},
 * limits: {maxConcurrency}}}. `models`: the names of the models that a course may be generated with, the one used by
 * default first; there is at least one text model. `limits.maxConcurrency`: the maximum of batches at once that may be
 * asked for. Raises ConfigurationError.
 */
export async function loadConfiguration() {
  let module;
  try {
    module = await import("/config.js");
  } catch (error) {
    throw new ConfigurationError("/config.js is missing or cannot be read.", { cause: error });
  }
  return checked(module.default);
}

function checked(value) {
  const faults = [];
  const text = (holder, name, label) => {
    const found = holder?.[name];
    if (typeof found !== "string" || found.trim() === "") faults.push(`${label} is missing`);
    return found;
  };
  const address = (holder, name, label) => {
    const found = text(holder, name, label);
    if (typeof found === "string" && found.trim() !== "" && !/^https?:\/\/[^\s/]+/.test(found)) {
      faults.push(`${label} is not a web address`);
    }
    return typeof found === "string" ? found.replace(/\/+$/, "") : found;
  };
  const names = (holder, name, label, least) => {
    const found = holder?.[name];
    const listed = Array.isArray(found) && found.length >= least && found.every((each) => typeof each === "string");
    if (!listed) faults.push(`${label} is missing`);
    return found;
  };
  const configuration = {
    environment: text(value, "environment", "environment"),
    apiEndpoint: address(value, "apiEndpoint", "apiEndpoint"),
    stage: text(value, "stage", "stage"),
    region: text(value, "region", "region"),
    signIn: {
      endpoint: address(value?.signIn, "endpoint", "signIn.endpoint"),
      clientId: text(value?.signIn, "clientId", "signIn.clientId"),
    },
    courses: {
      models: {
        text: names(value?.courses?.models, "text", "courses.models.text", 1),
        image: names(value?.courses?.models, "image", "courses.models.image", 0),
      },
      limits: { maxConcurrency: value?.courses?.limits?.maxConcurrency },
    },
  };
  if (!(configuration.courses.limits.maxConcurrency >= 1)) faults.push("courses.limits.maxConcurrency is missing");
  if (faults.length > 0) throw new ConfigurationError(`/config.js is not complete: ${faults.join(", ")}.`);
  return configuration;
}
