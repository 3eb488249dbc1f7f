/**
 * Wires the page: pull -> decode -> paint -> figures, and the settings around them.
 *
 * @import { Painted, Told } from "./receiver.js"
 * @import { CameraState, Condition, Picture, Status } from "./types.js"
 */

import { getJson } from "./api.js";
import { AssistControls } from "./assists.js";
import { BrightView } from "./brightview.js";
import { CameraClock } from "./clock.js";
import { CameraControls } from "./controls.js";
import { Drive } from "./drive.js";
import { byId, setText } from "./dom.js";
import { formatEv } from "./exposure.js";
import { FalseColour } from "./falsecolour.js";
import { Frames } from "./frames.js";
import { Gallery } from "./gallery.js";
import { GreyPick } from "./greypick.js";
import { CAN_UNPACK } from "./overlay.js";
import { Guides } from "./guides.js";
import { Lenses } from "./lenses.js";
import { Level } from "./level.js";
import { LightMeter } from "./lightmeter.js";
import { Places } from "./places.js";
import { showReadout } from "./readout.js";
import { HAS_FULLSCREEN, toggleFullscreen, Wakefulness } from "./screen.js";
import { Scopes } from "./scopes.js";
import { ClientSettings } from "./settings.js";
import { wireSheets } from "./sheets.js";
import { Loupe } from "./loupe.js";
import { listen } from "./shortcuts.js";
import { Shutter } from "./shutter.js";
import { conditionOf } from "./states.js";
import { StateView } from "./stateview.js";
import { Stats } from "./stats.js";
import { note } from "./toast.js";
import { Viewfinder } from "./viewfinder.js";

const TICK_MS = 200;
const STATUS_LIVE_MS = 2000;
const STATUS_NOT_LIVE_MS = 500; // the retry countdown and the return are watched closely
const VITALS_MS = 400; // figures that change faster cannot be read
const PAINTED = "hqcam:painted";

const settings = new ClientSettings();
const clock = new CameraClock();
const stats = new Stats();
const controls = new CameraControls(settings);
const scopes = new Scopes(settings, (stops) => {
  if (controls.askedOfExposure === null) return note("A replay cannot be exposed again");
  controls.expose(stops);
  note(`Exposure ${formatEv(stops)} EV`);
});
const assists = new AssistControls(settings, { tone: scopes.tone, onAreaMoved: () => scopes.forgetBest() });
const gallery = new Gallery();
const lenses = new Lenses();
const places = new Places(() => void gallery.refresh());
const drive = new Drive(() => void gallery.refresh());
const shutter = new Shutter(drive, () => void gallery.refresh());
const stateView = new StateView();
const wakefulness = new Wakefulness();
const canvas = /** @type {HTMLCanvasElement} */ (byId("picture"));
const frames = new Frames(canvas, onTold, onPainted);
const viewfinder = new Viewfinder(canvas, byId("stage"), settings.values, frames);
const loupe = new Loupe(canvas, settings, () => assists.area.point);
const falseColour = new FalseColour(settings, (table) => viewfinder.setFalseColour(table));
const guides = new Guides(settings, canvas);
byId("assists-body").append(controls.look);
new Level(settings, guides.group);
const brightView = new BrightView(settings, (gain) => viewfinder.setBright(gain));
const greyPick = new GreyPick(() => void controls.refresh());
assists.onTouch = (/** @type {{x: number, y: number}} */ point) => greyPick.take(point);
const lightMeter = new LightMeter();

/** @type {CameraState} */
let cameraState = "starting";
/** @type {Condition} */
let condition = "starting";
/** @type {Status|null} */
let status = null;
let statusAt = -Infinity;
let statusAnsweredAt = -Infinity;
let retryAt = NaN;
let failures = 0;
let revision = NaN;
/** Whether camera, controls, assists and gallery must be read again at the next status. */
let stale = true;
/** @type {Picture["header"]|null} */
let shown = null;
/** @type {Picture["graphs"]|null} */
let shownGraphs = null;
let vitalsAt = 0;
let painter = "none";
/** @type {Told["link"]|null} */
let link = null;

/**
 * News, with a picture or without.
 * @param {Told} told
 */
function onTold(told) {
  link = told.link;
  for (let i = 0; i < told.dropped; i++) stats.noteDropped();
  if (told.lockedOut) location.assign("/access");
  if (told.failures > 0) stale = true;
  failures = told.failures;
  if (told.stateAt > statusAnsweredAt) cameraState = told.state; // a held picture may be older than what /api/status said
  painter = told.painter;
  const arrival = told.painted?.arrival ?? told.arrival;
  if (arrival) clock.note(arrival.sentMs, arrival.requestedAt, arrival.headersAt);
}

/**
 * The picture was drawn: all figures of the same frame.
 * @param {Painted} painted
 */
function onPainted({ header, graphs, paintedAt }) {
  shown = header;
  viewfinder.noteFrame(header);
  if (header.graphs.sent || shownGraphs === null) shownGraphs = graphs;
  stats.notePainted(clock.ageMs(header.captured_ms, paintedAt), paintedAt);
  performance.clearMarks(PAINTED); // one is kept, so that the list does not grow
  performance.mark(PAINTED, { startTime: paintedAt, detail: { seq: header.sequence, captured: header.captured_ms } });
  updateCondition(); // before the figures: a picture that comes back is drawn as live at once
  controls.noteFrame(header);
  showReadout(header, controls.askedOfExposure, lenses.words);
  const magnified = loupe.on;
  if (loupe.noteFrame(header)) scopes.forgetBest();
  if (loupe.on !== magnified) assists.area.setMagnified(loupe.on);
  scopes.show(header.readings, shownGraphs);
  assists.noteReadings(header.readings);
  shutter.exposureUs = header.exposure.exposure_us;
}

/** Age of the picture on the screen. */
function shownAgeMs() {
  return shown ? clock.ageMs(shown.captured_ms, performance.now()) : NaN;
}

function updateCondition() {
  // While a shot is exposed there is no new picture: it is late when that takes longer than it should.
  const frameDurationMs = Math.max((shown?.exposure.frame_duration_us ?? 0) / 1000, drive.exposingMs);
  const next = conditionOf({ camera: cameraState, failures, ageMs: shownAgeMs(), frameDurationMs });
  if (next === "live" && (condition === "lost" || condition === "gone")) note("Live again");
  condition = next;
  if (condition !== "live") scopes.tone.hush();
  viewfinder.setLive(condition === "live" || condition === "late");
  stateView.show(condition, status, shownAgeMs(), retryAt - performance.now());
}

async function pollStatus() {
  statusAt = performance.now();
  try {
    const answer = /** @type {Status} */ (await getJson("/api/status"));
    clock.noteRoundTrip(performance.now() - statusAt);
    status = answer;
    statusAnsweredAt = performance.now();
    cameraState = answer.state;
    drive.noteStatus(answer.drive);
    retryAt = answer.retry_in_s == null ? NaN : performance.now() + 1000 * answer.retry_in_s;
    if (stale || answer.settings_revision !== revision) await readAgain(answer);
  } catch {
    // The puller sees the same and counts the failures.
  }
}

/** Another client changed something, or the server or camera came back. @param {Status} answer */
async function readAgain(answer) {
  const whole = stale;
  revision = answer.settings_revision;
  stale = answer.camera === null; // until it is open there is nothing to ask
  if (whole && answer.camera !== null) {
    const camera = await getJson("/api/camera");
    controls.setCamera(camera);
    loupe.setCamera(camera);
    scopes.setRawLive(camera.capabilities.raw_live);
    setText(byId("camera-name"), answer.camera.description);
    void gallery.refresh();
    void drive.load();
  }
  if (answer.camera !== null) void falseColour.refresh(); // its bands follow the contrast
  await Promise.all([controls.refresh(), assists.refresh(), lenses.refresh()]);
  viewfinder.redraw();
}

function tick() {
  if (document.hidden) return;
  updateCondition();
  const now = performance.now();
  const due = condition === "live" || condition === "late" ? STATUS_LIVE_MS : STATUS_NOT_LIVE_MS;
  if (stale || now - statusAt > due) {
    if (now - statusAt > STATUS_NOT_LIVE_MS) void pollStatus();
  }
  if (now - vitalsAt > VITALS_MS) {
    vitalsAt = now;
    showVitals();
  }
  void wakefulness.keep(condition === "live");
}

function showVitals() {
  const { fps } = stats;
  setText(byId("fps"), fps === 0 ? "—" : fps.toFixed(1));
  const age = shownAgeMs();
  const median = condition === "live" && stats.painted > 0 ? stats.recentAgeMs : age;
  setText(byId("age"), Number.isNaN(median) ? "—" : String(Math.max(0, Math.round(median))));
  setText(byId("painter-kind"), `${painter}, ${frames.place}`);
  loupe.showMapAge(performance.now() + clock.offsetMs);
}

function watchVisibility() {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return frames.stop();
    stale = true;
    frames.start();
    tick();
  });
}

function explainLimits() {
  setText(byId("stage-note"), "This browser cannot unpack overlays: peaking, zebra, clipping and graphs are not shown.");
  byId("stage-note").hidden = CAN_UNPACK;
}

function wireInput() {
  const stage = byId("stage");
  const help = /** @type {HTMLDialogElement} */ (byId("help"));
  byId("help-open").addEventListener("click", () => help.showModal());
  byId("help-close").addEventListener("click", () => help.close());
  byId("fullscreen").addEventListener("click", () => void toggleFullscreen());
  byId("fullscreen").hidden = !HAS_FULLSCREEN;
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!controls.turnsFocus) return;
      event.preventDefault();
      controls.nudgeFocus(event.deltaY < 0 ? 1 : -1);
    },
    { passive: false },
  );
  const showGallery = () => void Promise.all([gallery.refresh(), places.refresh()]);
  wireSheets({ "gallery-sheet": showGallery, "drive-sheet": () => void drive.load(), "meter-sheet": () => lightMeter.open() });
  const nearer = () => controls.nudgeFocus(-1);
  const farther = () => controls.nudgeFocus(1);
  /** In the loupe the arrows move it. @type {(right: number, down: number, otherwise: () => void) => () => void} */
  const arrow = (right, down, otherwise) => () => (loupe.on ? loupe.nudge(right, down) : otherwise());
  listen([
    { keys: [" "], shown: "Space", does: "Take a picture", run: () => shutter.press() },
    { keys: ["d"], shown: "D", does: "Drive mode", run: () => byId("drive-open").click() },
    { keys: ["q"], shown: "Q", does: "End a drive mode, keep what is saved", run: () => drive.cancel() },
    { keys: ["p"], shown: "P", does: "Peaking", run: () => assists.togglePeaking() },
    { keys: ["z"], shown: "Z", does: "Zebra", run: () => assists.toggleZebra() },
    { keys: ["c"], shown: "C", does: "Raw clipping", run: () => assists.toggleClipping() },
    { keys: ["h"], shown: "H", does: "Graph on and off", run: () => assists.toggleHistogram() },
    { keys: ["g"], shown: "G", does: "Next graph", run: () => scopes.graph.next() },
    { keys: ["i"], shown: "I", does: "False colour", run: () => falseColour.toggle() },
    { keys: ["s"], shown: "S", does: "Spot meter", run: () => assists.toggleSpot() },
    { keys: ["t"], shown: "T", does: "Light meter", run: () => byId("meter-open").click() },
    { keys: ["b"], shown: "B", does: "Bright view on this screen", run: () => brightView.toggle() },
    { keys: ["w"], shown: "W", does: "White balance from what is grey under the spot", run: () => void greyPick.pick(assists.spot) },
    { keys: ["e"], shown: "E", does: "Expose to the right", run: () => scopes.ettr.apply() },
    { keys: ["l"], shown: "L", does: "AE lock", run: () => controls.toggleAeLock() },
    { keys: ["-", "−"], shown: "−", does: "EV down a third", run: () => controls.nudgeEv(-1), repeats: true },
    { keys: ["+", "="], shown: "+", does: "EV up a third", run: () => controls.nudgeEv(1), repeats: true },
    { keys: ["["], shown: "[ ← ↓", does: "Focus nearer (simulated lens); in the loupe the arrows move it", run: nearer, repeats: true },
    { keys: ["]"], shown: "] → ↑", does: "Focus farther (simulated lens)", run: farther, repeats: true },
    { keys: ["arrowleft"], run: arrow(-1, 0, nearer), repeats: true },
    { keys: ["arrowdown"], run: arrow(0, 1, nearer), repeats: true },
    { keys: ["arrowright"], run: arrow(1, 0, farther), repeats: true },
    { keys: ["arrowup"], run: arrow(0, -1, farther), repeats: true },
    { keys: ["m"], shown: "M", does: "Loupe on the focus area, and back (or double tap)", run: () => loupe.toggle() },
    { keys: ["1", "2"], shown: "1 2", does: "Loupe 1:1 or 2:1", run: () => loupe.toggleScale() },
    { keys: ["escape"], shown: "Esc", does: "Loupe away", run: () => loupe.close() },
    { keys: ["x"], shown: "X", does: "Focus area to the middle", run: () => assists.centreArea() },
    { keys: ["f"], shown: "F", does: "Full screen", run: () => void toggleFullscreen() },
    { keys: ["?"], shown: "?", does: "This list", run: () => help.showModal() },
  ]);
}

settings.follow(() => viewfinder.redraw());
wireInput();
watchVisibility();
explainLimits();
setInterval(tick, TICK_MS);
if (!document.hidden) frames.start();
tick();

/** For scripts and tests: what was achieved, and what is shown. */
const handle = {
  viewfinder: {
    get stats() {
      return stats.snapshot();
    },
    get frame() {
      return shown;
    },
    get graphs() {
      return shownGraphs;
    },
    get focusTone() {
      return scopes.tone.state;
    },
    get link() {
      return link && { ...link, place: frames.place };
    },
    get condition() {
      return condition;
    },
    get clock() {
      return { offsetMs: clock.offsetMs, uncertaintyMs: clock.uncertaintyMs };
    },
  },
};
Object.defineProperty(window, "hqcam", { value: Object.freeze(handle) });
