/**
 * What the camera does in the background with what was taken: where it is asked for, and where it is told how far it is. Runs on
 * the page; main.js calls it.
 *
 * @import { Capture } from "../types/shoot.js"
 * @import { Gallery } from "./gallery.js"
 * @import { GallerySelection } from "./gallery-selection.js"
 * @import { Viewer } from "./viewer.js"
 */

import { byId, make } from "../page/dom.js";
import { showError, showNote } from "../page/toast.js";
import { say } from "../words/words.js";
import { DevelopDialog } from "./develop-dialog.js";
import { JobRows, sayJob } from "./job-rows.js";
import { isUnderWay, Jobs } from "./jobs.js";
import { SeriesDialog } from "./series-dialog.js";

const ROWS_MOST = 4; // in the captures; older ones come when these are dismissed

/** @param {Gallery} gallery @param {GallerySelection} selection @param {Viewer} viewer */
export function wireBackgroundWork(gallery, selection, viewer) {
  const jobs = new Jobs();
  const develop = new DevelopDialog(jobs);
  /** Those that were seen under way: the viewer shows how they ended. @type {Set<string>} */
  const seen = new Set();
  const inGallery = new JobRows(jobs, byId("gallery-jobs"), (job) => jobs.list.slice(-ROWS_MOST).includes(job) || isUnderWay(job));
  const inViewer = new JobRows(jobs, byId("viewer-jobs"), ({ id }) => jobs.list.findLast((job) => seen.has(job.id))?.id === id);
  jobs.onChange = () => {
    for (const job of jobs.list) if (isUnderWay(job)) seen.add(job.id);
    inGallery.show();
    inViewer.show();
  };
  jobs.onEnded = (job) => {
    if (job.state === "failed" && job.error) showError(job.error);
    else if (job.state === "done") showNote(sayJob(job));
    void gallery.refresh().then(() => viewer.noteChanged());
  };
  byId("gallery-open").addEventListener("click", () => void jobs.refresh());

  const button = make("button", { id: "viewer-develop", class: "download", type: "button", title: say`Develop the raw file (D)` }, say`Develop`);
  button.addEventListener("click", () => viewer.capture && develop.open([viewer.capture.id], viewer.capture.id));
  viewer.tasksOf = (/** @type {Capture} */ { files }) => (files.some(({ kind }) => kind === "dng") ? [button] : []);
  byId("gallery-make").addEventListener("click", () => develop.open(selection.ids, say`${selection.ids.length} selected`));
  const ofSeries = new SeriesDialog(jobs);
  byId("gallery-film").addEventListener("click", () => {
    const { series } = gallery.list.captures[0] ?? {};
    if (series) ofSeries.open(series);
  });
}
