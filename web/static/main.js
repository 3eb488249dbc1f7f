/**
 * The viewfinder page: makes every part, connects them, and keeps the server's status and the page's condition. Loaded by
 * index.html.
 *
 * The rooms, from the ground up: declared, types, words, page, paint, live, exposure, tools, shoot. A module imports from its own room and
 * from those before it; the README.md of each room says what is in it.
 *
 * @import { PaintedFrame, ReceiverUpdate } from "./live/receiver.js"
 * @import { Condition } from "./page/condition.js"
 * @import { CameraState, Status } from "./types/camera.js"
 * @import { Picture } from "./types/frame.js"
 */

import { CameraControls } from "./exposure/controls.js";
import { GreyPick } from "./exposure/grey-pick.js";
import { Lenses } from "./exposure/lenses.js";
import { LightMeter } from "./exposure/light-meter.js";
import { formatEv } from "./exposure/notation.js";
import { showReadout } from "./exposure/readout.js";
import { wireKeys } from "./keys.js";
import { CameraClock } from "./live/camera-clock.js";
import { CAN_UNPACK } from "./live/inflate.js";
import { PictureCanvas } from "./live/picture-canvas.js";
import { ReceiverClient } from "./live/receiver-client.js";
import { Stats } from "./live/stats.js";
import { getJson, goToAccess } from "./page/api.js";
import { SettingsStore } from "./page/browser-settings.js";
import { showBattery } from "./page/battery.js";
import { ClockOffer } from "./page/clock-offer.js";
import { ConditionBanner } from "./page/condition-banner.js";
import { conditionOf } from "./page/condition.js";
import { byId, setText } from "./page/dom.js";
import { listGestures, showGesturesOnce } from "./page/gestures.js";
import { HAS_FULLSCREEN, toggleFullscreen } from "./page/fullscreen.js";
import { showOverflow } from "./page/overflow-cue.js";
import { openHelp, wireSheets } from "./page/sheets.js";
import { showPeople } from "./page/people.js";
import { showCaution, showError, showNote } from "./page/toast.js";
import { ScreenWakeLock } from "./page/wake-lock.js";
import { toShown } from "./paint/orientation.js";
import { cssProperties } from "./paint/palette.js";
import { wireBackgroundWork } from "./shoot/background-work.js";
import { Drive } from "./shoot/drive.js";
import { Deletions } from "./shoot/deletions.js";
import { EarlierTimes } from "./shoot/earlier-times.js";
import { Gallery } from "./shoot/gallery.js";
import { GalleryFilter } from "./shoot/gallery-filter.js";
import { GallerySelection } from "./shoot/gallery-selection.js";
import { wireOtherFiles } from "./shoot/other-files.js";
import { Presets } from "./shoot/presets.js";
import { makeSendGroup } from "./shoot/send-group.js";
import { Sender } from "./shoot/sender.js";
import { Release } from "./shoot/release.js";
import { ShutterFace } from "./shoot/shutter-face.js";
import { longestExposureUs, Shutter } from "./shoot/shutter.js";
import { StoragePlaces } from "./shoot/storage-places.js";
import { Uploads } from "./shoot/uploads.js";
import { Viewer } from "./shoot/viewer.js";
import { AssistControls } from "./tools/assists.js";
import { BrightView } from "./tools/bright-view.js";
import { DisplayButton } from "./tools/display.js";
import { FalseColour } from "./tools/false-colour.js";
import { Figures } from "./tools/figures.js";
import { Guides } from "./tools/guides.js";
import { Level } from "./tools/level.js";
import { Loupe } from "./tools/loupe.js";
import { orientationOf } from "./tools/picture-place.js";
import { OrientationGroup } from "./tools/orientation-group.js";
import { CalibrationGroup } from "./tools/calibration-group.js";
import { PictureGestures } from "./tools/picture-gestures.js";
import { makeScreenGroup } from "./tools/screen-group.js";
import { makeToolTabs } from "./tools/tool-tabs.js";
import { translateDocument } from "./words/document.js";
import { tell } from "./words/sentences.js";
import { formatNumber } from "./words/figures.js";
import { say } from "./words/words.js";

const TICK_MS = 200;
const STATUS_LIVE_MS = 1000; // a capture of another client is in the gallery within two of them
const STATUS_NOT_LIVE_MS = 500; // the retry countdown and the return are watched closely
const VITALS_MS = 400; // figures that change faster cannot be read
const OLD_MS = 400; // an older picture is told of,
const YOUNG_MS = 250; // until it is as young again
const PAINTED = "hqcam:painted";

translateDocument(); // before any part adds to it
const settings = new SettingsStore();
const clock = new CameraClock();
const stats = new Stats();
const controls = new CameraControls(settings);
const figures = new Figures(settings, (stops) => {
  if (controls.askedOfExposure === null) return showCaution(say`A replay cannot be exposed again`);
  controls.expose(stops);
  showNote(say`Exposure ${formatEv(stops)} EV`);
});
const assists = new AssistControls(settings, figures.tone);
const deletions = new Deletions();
const gallery = new Gallery(deletions);
const lenses = new Lenses();
const places = new StoragePlaces(() => void gallery.refresh());
const shutterFace = new ShutterFace();
const release = new Release(settings);
const viewer = new Viewer(gallery, settings, deletions, () => toShown(assists.area.point, orientationOf(canvas)));
const gallerySelection = new GallerySelection(gallery);
const galleryFilter = new GalleryFilter(gallery);
wireBackgroundWork(gallery, gallerySelection, viewer);
wireOtherFiles();
gallery.onShown = () => {
  gallerySelection.show();
  galleryFilter.show();
};
const sender = new Sender(settings);
makeSendGroup(settings, sender);
new Uploads();
gallery.onOpen = (/** @type {import("./types/shoot.js").Capture} */ capture) => viewer.open(capture);
const drive = new Drive(shutterFace, release, showSaved);
const presets = new Presets(settings, drive, () => void Promise.all([controls.refresh(), assists.refresh()]));
const shutter = new Shutter(shutterFace, drive, release, (capture) => void showSaved(capture.id, capture));
const banner = new ConditionBanner();
const clockOffer = new ClockOffer();
const wakeLock = new ScreenWakeLock();
const canvas = /** @type {HTMLCanvasElement} */ (byId("picture"));
const receiver = new ReceiverClient(canvas, onUpdate, onPainted);
const pictureCanvas = new PictureCanvas(canvas, byId("stage"), settings.values, receiver);
const loupe = new Loupe(canvas, settings, () => assists.area.point);
const falseColour = new FalseColour(settings, (table) => pictureCanvas.setFalseColour(table));
const guides = new Guides(settings, canvas);
const orientation = new OrientationGroup(canvas);
const calibration = new CalibrationGroup();
const earlierTimes = new EarlierTimes();
const screenGroup = makeScreenGroup(settings);
byId("assists-body").append(controls.pictureSettings, orientation.element, calibration.element, earlierTimes.element, screenGroup, presets.opener);
makeToolTabs({
  ...assists.groups,
  guides: guides.group,
  picture: controls.pictureSettings,
  mount: orientation.element,
  calibration: calibration.element,
  times: earlierTimes.element, screen: screenGroup,
});
new Level(settings, guides.group);
const brightView = new BrightView(settings, (gain) => pictureCanvas.setBrightness(gain));
const greyPick = new GreyPick(controls);
assists.onLargeGraph = () => figures.graph.toggleLarge();
assists.onTouch = (/** @type {{x: number, y: number}} */ point) => greyPick.handleTap(point);
const lightMeter = new LightMeter();
const display = new DisplayButton(settings);

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
/** @type {string[]} What the toasts have shown already. */
let notices = [];
/** Whether camera, controls, assists and gallery must be read again at the next status. */
let stale = true;
/** @type {Picture["header"]|null} */
let shown = null;
/** @type {Picture["graphs"]|null} */
let shownGraphs = null;
let vitalsAt = 0;
let painter = "none";
/** @type {ReceiverUpdate["link"]|null} */
let link = null;

/**
 * The receiver reports, with a painted frame or without.
 * @param {ReceiverUpdate} update
 */
function onUpdate(update) {
  link = update.link;
  for (let i = 0; i < update.dropped; i++) stats.noteDropped();
  if (update.lockedOut) goToAccess();
  if (update.failures > 0) stale = true;
  failures = update.failures;
  if (update.stateAt > statusAnsweredAt) cameraState = update.state; // the picture may be older than the answer of /api/status
  painter = update.painter;
  const arrival = update.painted?.arrival ?? update.arrival;
  if (arrival) clock.note(arrival.sentMs, arrival.requestedAt, arrival.headersAt);
}

/**
 * A frame was painted: show all figures of the same frame.
 * @param {PaintedFrame} painted
 */
function onPainted({ header, graphs, paintedAt }) {
  shown = header;
  pictureCanvas.noteFrame(header);
  if (header.graphs.sent || shownGraphs === null) shownGraphs = graphs;
  stats.notePainted(clock.ageMs(header.captured_ms, paintedAt), paintedAt);
  performance.clearMarks(PAINTED); // one is kept, so that the list does not grow
  performance.mark(PAINTED, { startTime: paintedAt, detail: { seq: header.sequence, captured: header.captured_ms } });
  updateCondition(); // before the figures: a picture that comes back is drawn as live at once
  controls.noteFrame(header);
  showReadout(header, controls.askedOfExposure, lenses.names);
  lenses.noteFrame(header);
  guides.noteField(header.window ? null : lenses.fieldOf(header));
  const magnified = loupe.on;
  loupe.noteFrame(header);
  if (loupe.on !== magnified) assists.setMagnified(loupe.on);
  figures.show(header.readings, shownGraphs);
  assists.noteReadings(header.readings);
  shutter.exposureUs = longestExposureUs(header.exposure.exposure_us, controls.asked);
}

/** A capture of this page's is on the disk. @param {string} id @param {import("./types/shoot.js").Capture} [capture] */
async function showSaved(id, capture) {
  const listed = gallery.refresh();
  if (capture && !drive.running) viewer.review(capture, listed);
  await listed;
  void release.fly(id);
  const found = gallery.find(id);
  if (!capture && found && !drive.running) viewer.review(found, listed);
}

/** Age of the picture on the screen. */
function shownAgeMs() {
  return shown ? clock.ageMs(shown.captured_ms, performance.now()) : NaN;
}

function updateCondition() {
  // While a shot is exposed there is no new picture: it is late when that takes longer than it should.
  const frameDurationMs = Math.max((shown?.exposure.frame_duration_us ?? 0) / 1000, drive.exposingMs, shutter.exposingMs);
  const next = conditionOf({ camera: cameraState, failures, ageMs: shownAgeMs(), frameDurationMs });
  if (next === "live" && (condition === "lost" || condition === "gone")) showNote(say`Live again`);
  condition = next;
  if (condition !== "live") figures.tone.silence();
  pictureCanvas.setLive(condition === "live" || condition === "late");
  release.setLive(condition === "live" || condition === "late");
  shutterFace.noteCondition(condition);
  banner.show(condition, status, shownAgeMs(), retryAt - performance.now());
}

async function pollStatus() {
  statusAt = performance.now();
  try {
    const answer = /** @type {Status} */ (await getJson("/api/status"));
    statusAnsweredAt = performance.now();
    clock.noteRoundTrip(statusAnsweredAt - statusAt);
    clockOffer.note(answer.clock, statusAnsweredAt - statusAt);
    status = answer;
    cameraState = answer.state;
    drive.noteStatus(answer.drive);
    if (gallery.noteVersion(answer.captures)) sender.look();
    for (const message of answer.notices) {
      if (!notices.includes(message)) showError({ message, expected: "", remedy: "" });
    }
    notices = answer.notices;
    showBattery(answer.battery);
    showPeople(answer.people);
    retryAt = answer.retry_in_s == null ? NaN : performance.now() + 1000 * answer.retry_in_s;
    if (stale || answer.settings_revision !== revision) await readAgain(answer);
  } catch {
    // The frame puller fails too, and counts the failures.
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
    orientation.setCamera(camera);
    figures.setRawLive(camera.capabilities.raw_live);
    setText(byId("camera-name"), tell(answer.camera.description));
    void gallery.refresh();
    void drive.load();
  }
  if (answer.camera !== null) void falseColour.refresh(); // its bands follow the contrast
  await Promise.all([controls.refresh(), assists.refresh(), lenses.refresh(), presets.refresh()]);
  pictureCanvas.redraw();
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
  void wakeLock.keep(condition === "live" || condition === "late" || drive.running);
}

function showVitals() {
  const { fps } = stats;
  setText(byId("fps"), fps === 0 ? "—" : formatNumber(fps, 1));
  const age = shownAgeMs();
  const median = condition === "live" && stats.painted > 0 ? stats.recentAgeMs : age;
  const inSeconds = median >= 1000;
  setText(byId("age"), Number.isNaN(median) ? "—" : inSeconds ? formatNumber(median / 1000, 1) : String(Math.max(0, Math.round(median))));
  setText(byId("age-unit"), inSeconds ? "s" : "ms");
  const matters = condition !== "live" || median > OLD_MS || (median > YOUNG_MS && byId("vitals").hasAttribute("data-matter"));
  byId("vitals").toggleAttribute("data-matter", matters);
  setText(byId("painter-kind"), `${painter}, ${receiver.place}`);
  loupe.showMapAge(performance.now() + clock.offsetMs);
}

function watchVisibility() {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return receiver.stop();
    stale = true;
    receiver.start();
    tick();
  });
}

function explainLimits() {
  setText(byId("stage-note"), say`This browser cannot unpack overlays: peaking, zebra, clipping and graphs are not shown.`);
  byId("stage-note").hidden = CAN_UNPACK;
}

function wireInput() {
  const stage = byId("stage");
  const help = /** @type {HTMLDialogElement} */ (byId("help"));
  byId("help-open").addEventListener("click", openHelp);
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
  wireSheets({
    "gallery-sheet": showGallery,
    "drive-sheet": () => void drive.open(),
    "lens-sheet": () => lenses.open(),
    "meter-sheet": () => lightMeter.open(),
    "preset-sheet": () => void presets.refresh(),
  });
  new PictureGestures(canvas, {
    apart: (middle) => loupe.zoomIn(middle),
    together: () => loupe.close(),
    swipeUp: () => {
      if (!loupe.on && byId("gallery-sheet").hidden && !viewer.openNewest()) byId("gallery-open").click();
    },
  });
  wireKeys({ assists, brightView, controls, display, drive, falseColour, figures, greyPick, loupe, shutter });
}

settings.follow(() => pictureCanvas.redraw());
for (const [name, value] of cssProperties()) document.documentElement.style.setProperty(name, value);
wireInput();
watchVisibility();
explainLimits();
showOverflow();
listGestures();
showGesturesOnce();
setInterval(tick, TICK_MS);
if (!document.hidden) receiver.start();
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
      return figures.tone.state;
    },
    get link() {
      return link && { ...link, place: receiver.place };
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
