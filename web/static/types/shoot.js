/**
 * Captures, the places where they are stored, and drive modes. Types only.
 *
 * @import { ErrorFacts } from "./error.js"
 */

/** @typedef {"dng"|"jpeg"|"developed_jpeg"|"developed_tiff"} FileKind */

/**
 * @typedef {object} Capture
 * @property {string} id
 * @property {number|null} sequence Its place in the order in which captures were taken.
 * @property {string|null} taken_at
 * @property {{name: string, url: string, bytes: number, kind: FileKind}[]} files What was taken, then what was developed of it.
 * @property {string|null} thumbnail_url null: no file has a picture to show, as a foreign or broken DNG.
 * @property {string|null} picture_url The JPEG, or the preview in the DNG of a shot that has no other file.
 * @property {number|null} exposure_us
 * @property {number|null} iso
 * @property {boolean|null} simulated
 * @property {boolean|null} time_synchronised Whether the camera knew what time it was.
 * @property {string|null} lens
 * @property {boolean} starred
 * @property {{place: string, id: string, mode: string, captures: number}|null} series What it belongs to, and how many are there.
 * @property {{verdict: "ok"|"warning"|"fault", findings: string[]}|null} audit What the files were found to be.
 */

/** @typedef {{captures: Capture[], total: number, next: string|null, free_bytes: number, shots_left: number}} CaptureList */

/** @typedef {{files: {folder: string, name: string, bytes: number}[], total: number}} OtherFiles In the folder of captures. */

/** @typedef {{places: {id: string, name: string, folder: string, free_bytes: number, current: boolean}[], shots_left: number, problem: string}} StorageList */

/**
 * @typedef {object} UploadPlace Another place that captures are sent to.
 * @property {string} name
 * @property {"webdav"|"immich"|"photoprism"|"folder"} kind
 * @property {string} address
 * @property {string} user
 * @property {"all"|"jpeg"|"raw"} files
 * @property {boolean} only_starred
 * @property {string[]} networks Only on these; empty: on any.
 * @property {boolean} paused
 * @property {string} fingerprint SHA-256 of a certificate that is trusted; "" for none.
 * @property {boolean} has_secret
 * @property {UploadProgress} progress
 */

/**
 * @typedef {object} UploadProgress
 * @property {"looking"|"done"|"sending"|"trying again"|"needs you"|"paused"|"other network"|"network unknown"|"busy"} state
 * @property {number} waiting
 * @property {number} waiting_bytes
 * @property {number} sent
 * @property {number} left_out Files that were there before the place was.
 * @property {string} file What is sent now.
 * @property {number} file_bytes
 * @property {number} file_sent_bytes
 * @property {ErrorFacts|null} problem
 * @property {number} try_again_s
 * @property {{name: string, problem: ErrorFacts, attempts: number}[]} failed
 */

/** @typedef {{destinations: UploadPlace[], networks: string[]|null}} UploadList */

/** @typedef {Partial<Omit<UploadPlace, "progress"|"has_secret"|"paused">> & {kind?: UploadPlace["kind"], files: UploadPlace["files"], secret?: string, everything?: boolean, check: boolean}} UploadValues */

/** @typedef {{shot: string, taken_at: string, captures: number, corrected: boolean}} EarlierStart */

/** @typedef {import("../declared/types.js").DriveSetting} DriveSetting */

/** @typedef {{name: string, title: string, sentence: string, note: string, triggered: boolean, settings: DriveSetting[]}} DriveMode */

/**
 * @typedef {object} DriveProgress How far a drive mode is, or was when it ended.
 * @property {"idle"|"running"|"done"|"cancelled"|"failed"} state
 * @property {string} id
 * @property {string} mode
 * @property {"waiting"|"exposing"|"saving"|"armed"|"recording"|"none"} phase
 * @property {number} phase_s
 * @property {number} phase_left_s
 * @property {number} taken
 * @property {number|null} total
 * @property {number|null} left_s
 * @property {number} missed
 * @property {Record<string, number>} missed_why How many of them by reason.
 * @property {number} doubtful Shots of which the audit found something.
 * @property {string} last
 * @property {string} message
 * @property {ErrorFacts|null} error
 */

/**
 * @typedef {object} Job Something that the camera does in the background.
 * @property {string} id
 * @property {"develop"|"sheet"|"timelapse"} kind
 * @property {"waiting"|"running"|"done"|"failed"|"cancelled"} state
 * @property {number} done Of its steps: pictures, frames.
 * @property {number} total
 * @property {number} without What was left out because there was nothing to work on.
 * @property {number} failed Single pictures that could not be worked on.
 * @property {{what: string, error: ErrorFacts}[]} failures The first of these.
 * @property {{name: string, url: string, capture: string|null}[]} results The files that it has made.
 * @property {ErrorFacts|null} error Why it failed as a whole.
 */

export {};
