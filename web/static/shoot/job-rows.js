/**
 * A row for each job: what it is, how far, a way to cancel it; what came of it, and a way to forget it. Runs on the page;
 * background-work.js makes one list of them in the captures and one in the viewer.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Job } from "../types/shoot.js"
 * @import { Jobs } from "./jobs.js"
 */

import { addressOf } from "../page/address.js";
import { make, setAttribute, setText } from "../page/dom.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";
import { isUnderWay } from "./jobs.js";

const LINKS_MOST = 6; // more are in the list of captures

export class JobRows {
  /** Those that are in the document. @type {Map<string, {json: string, row: HTMLElement}>} */
  #rows = new Map();

  /**
   * @param {Jobs} jobs
   * @param {HTMLElement} holder
   * @param {(job: Job) => boolean} shows Which of them are shown here.
   */
  constructor(jobs, holder, shows) {
    this.jobs = jobs;
    this.holder = holder;
    this.shows = shows;
  }

  show() {
    const shown = this.jobs.list.filter(this.shows).reverse();
    this.holder.hidden = shown.length === 0;
    const rows = shown.map((job) => this.#row(job));
    for (const [id, { row }] of this.#rows) {
      if (rows.includes(row)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    if (rows.some((row, at) => this.holder.children[at] !== row)) this.holder.replaceChildren(...rows);
  }

  /** @param {Job} job */
  #row(job) {
    const links = linksOf(job);
    const json = JSON.stringify([isUnderWay(job), links.map(({ href }) => href)]);
    let known = this.#rows.get(job.id);
    if (known?.json !== json) {
      const row = this.#make(job, links);
      if (known?.row.contains(document.activeElement)) queueMicrotask(() => row.querySelector("button")?.focus());
      known?.row.replaceWith(row);
      known = { json, row };
      this.#rows.set(job.id, known);
    }
    const { row } = known;
    setAttribute(row, "data-state", job.state);
    setText(/** @type {Element} */ (row.querySelector(".job-says")), sayJob(job));
    const bar = row.querySelector("progress");
    if (bar) [bar.max, bar.value] = [Math.max(1, job.total), job.done];
    return row;
  }

  /** @param {Job} job @param {HTMLElement[]} links */
  #make(job, links) {
    const going = isUnderWay(job);
    const button = make("button", { class: "download", type: "button" }, going ? say`Cancel` : say`Dismiss`);
    const says = make("span", { class: "job-says", role: "status" });
    const row = make("div", { class: "job", "data-job": job.id }, says, ...links, button);
    if (going) says.after(make("progress", { class: "job-bar", "aria-label": nameOf(job) }));
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await this.jobs.remove(job);
      } catch (error) {
        setText(says, tell(/** @type {ApiError} */ (error).facts.message));
        button.disabled = false;
      }
    });
    return row;
  }
}

/** @param {Job} job */
function nameOf({ kind }) {
  return { develop: say`Developing`, sheet: say`Contact sheet`, timelapse: say`Film` }[kind];
}

/** How far it is, or how it ended. @param {Job} job */
export function sayJob(job) {
  const { kind, state, done, total, failed, without, failures, results, error } = job;
  if (state === "waiting") return say`${nameOf(job)}: waiting`;
  if (state === "running") return say`${nameOf(job)}: ${done} of ${total}`;
  if (state === "cancelled") return results.length > 0 ? say`${nameOf(job)}: cancelled, ${results.length} made` : say`${nameOf(job)}: cancelled`;
  if (state === "failed" && error) return [say`${nameOf(job)}: failed`, ...[error.message, error.remedy].filter(Boolean).map(tell)].join("; ");
  const parts = [kind === "develop" ? say`${nameOf(job)}: ${results.length} made` : say`${nameOf(job)}: done`];
  if (failed > 0) parts.push(say`${failed} failed: ${tell(failures[0]?.error.message ?? "")}`);
  if (without > 0) parts.push(kind === "develop" ? say`${without} without a raw file` : say`${without} left out`);
  return parts.join("; ");
}

/** What it has made, to be opened. @param {Job} job */
function linksOf({ results }) {
  return results.slice(-LINKS_MOST).map(({ name, url }) => {
    const saved = name.endsWith(".tif");
    const href = `${addressOf(url)}${saved ? "?download=1" : ""}`;
    return make("a", { class: "download", href, title: name, ...(saved ? { download: name } : { target: "_blank", rel: "noopener" }) }, say`Open`);
  });
}
