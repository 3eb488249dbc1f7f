/**
 * Talks JSON with the server. Every failure is an ApiError with a sentence and a remedy. Runs on the page.
 *
 * @import { ErrorFacts } from "../types/error.js"
 */

import { addressOf } from "./address.js";
import { say } from "../words/words.js";
import { keepInTab, keptInTab } from "./browser-storage.js";

const TIMEOUT_MS = 8000;
const CLIENT_KEY = "hqcam.client";
/** This page among others, so that what it changed is not told to it as somebody else's. */
const CLIENT = keptInTab(CLIENT_KEY) ?? keepInTab(CLIENT_KEY, randomName());

function randomName() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The server refused, or could not be reached (`status` 0). */
export class ApiError extends Error {
  name = "ApiError";

  /**
   * @param {number} status
   * @param {ErrorFacts} facts
   */
  constructor(status, facts) {
    super(facts.message);
    this.status = status;
    this.facts = facts;
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export function getJson(path) {
  return request(path, {}, TIMEOUT_MS);
}

/**
 * @param {"PATCH"|"POST"|"PUT"|"DELETE"} method
 * @param {string} path
 * @param {object} body
 * @param {number} [timeoutMs]
 * @returns {Promise<any>} null for an answer without content.
 */
export function sendJson(method, path, body, timeoutMs = TIMEOUT_MS) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method, headers, body: JSON.stringify(body) }, timeoutMs);
}

/** Ask for a change while the page is left: nobody waits for the answer. @param {"POST"} method @param {string} path @param {object} body */
export function sendOnLeaving(method, path, body) {
  const headers = { "X-Client": CLIENT, "Content-Type": "application/json" };
  void fetch(addressOf(path), { method, headers, body: JSON.stringify(body), keepalive: true }).catch(() => {});
}

const NAVIGATION_MS = 10_000;
let leftAt = -Infinity;

/** Without the access code there is only the page that asks for it. A second call soon would break off the first. */
export function goToAccess() {
  if (performance.now() - leftAt < NAVIGATION_MS) return;
  leftAt = performance.now();
  location.assign(addressOf("/access"));
}

/** @param {Response} response */
function goToAccessIfLockedOut(response) {
  if (response.status === 401) goToAccess();
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @param {number} timeoutMs
 */
async function request(path, options, timeoutMs) {
  let response;
  try {
    const headers = { "X-Client": CLIENT, ...options.headers };
    const signal = AbortSignal.timeout(timeoutMs);
    response = await fetch(addressOf(path), { cache: "no-store", signal, ...options, headers });
  } catch (error) {
    throw new ApiError(0, unreachable(error));
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  if (path !== "/api/access") goToAccessIfLockedOut(response);
  throw new ApiError(response.status, answer?.error ?? unexpected(response));
}

/** @param {unknown} error @returns {ErrorFacts} */
function unreachable(error) {
  const slow = error instanceof DOMException && error.name === "TimeoutError";
  return {
    code: slow ? "timeout" : "unreachable",
    message: slow ? say`The camera did not answer in time` : say`The camera cannot be reached`,
    expected: "",
    remedy: say`check that hqcam is running and that this device is on the same network`,
  };
}

/** @param {Response} response @returns {ErrorFacts} */
function unexpected(response) {
  return { code: "unexpected", message: say`Unexpected answer ${response.status}`, expected: "", remedy: say`reload the page` };
}
