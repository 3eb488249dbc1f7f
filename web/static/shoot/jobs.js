/**
 * The jobs in the background of the camera: asked for, followed while any is under way, cancelled, forgotten. What is shown is what
 * the camera tells, so that it is there after a reload, and on every phone. Runs on the page; background-work.js makes it.
 *
 * @import { Job } from "../types/shoot.js"
 */

import { getJson, sendJson } from "../page/api.js";

const PATH = "/api/jobs";
const POLL_MS = 700;
const CHECK_MS = 15_000; // of a picture list and its room, on a card that is busy

export class Jobs {
  /** The one asked for first first. @type {Job[]} */
  list = [];
  /** They are otherwise than before. @type {() => void} */
  onChange = () => {};
  /** One that was seen under way has ended. @type {(job: Job) => void} */
  onEnded = () => {};
  #timer = 0;
  #asked = 0;

  constructor() {
    document.addEventListener("visibilitychange", () => !document.hidden && void this.refresh());
    void this.refresh();
  }

  get areUnderWay() {
    return this.list.some(isUnderWay);
  }

  /** Ask for them; again soon while one is under way. */
  async refresh() {
    clearTimeout(this.#timer);
    const asked = (this.#asked += 1);
    try {
      const { jobs } = await getJson(PATH);
      if (asked === this.#asked) this.#note(jobs);
    } catch {
      // The server is gone for a while: the banner says so.
    }
    if (asked === this.#asked && this.areUnderWay && !document.hidden) this.#timer = setTimeout(() => void this.refresh(), POLL_MS);
  }

  /** Queue one. Throws an ApiError. @param {{kind: string} & Record<string, unknown>} job @returns {Promise<Job>} */
  async start(job) {
    const started = await sendJson("POST", PATH, job, CHECK_MS);
    void this.refresh();
    return started;
  }

  /** Cancel it, or forget it where it has ended. Throws an ApiError. @param {Job} job */
  async remove({ id }) {
    this.#asked += 1; // an older answer would bring it back
    try {
      const { jobs } = await sendJson("DELETE", `${PATH}/${id}`, {});
      this.#note(jobs);
    } finally {
      void this.refresh();
    }
  }

  /** @param {Job[]} jobs */
  #note(jobs) {
    const before = new Map(this.list.map((job) => [job.id, job]));
    this.list = jobs;
    this.onChange();
    for (const job of jobs) {
      const was = before.get(job.id);
      if (was && isUnderWay(was) && !isUnderWay(job)) this.onEnded(job);
    }
  }
}

/** @param {Job} job */
export function isUnderWay({ state }) {
  return state === "waiting" || state === "running";
}
