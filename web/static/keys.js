/**
 * The page's keys: which key calls what. Runs on the page; main.js calls it once.
 *
 * @import { CameraControls } from "./exposure/controls.js"
 * @import { GreyPick } from "./exposure/grey-pick.js"
 * @import { Shortcut } from "./page/shortcuts.js"
 * @import { Drive } from "./shoot/drive.js"
 * @import { Shutter } from "./shoot/shutter.js"
 * @import { AssistControls } from "./tools/assists.js"
 * @import { BrightView } from "./tools/bright-view.js"
 * @import { DisplayButton } from "./tools/display.js"
 * @import { FalseColour } from "./tools/false-colour.js"
 * @import { Figures } from "./tools/figures.js"
 * @import { Loupe } from "./tools/loupe.js"
 */

import { byId } from "./page/dom.js";
import { toggleFullscreen } from "./page/fullscreen.js";
import { openHelp } from "./page/sheets.js";
import { listenToKeys } from "./page/shortcuts.js";
import { say } from "./words/words.js";

/**
 * @typedef {object} Parts What keys act on.
 * @property {AssistControls} assists
 * @property {BrightView} brightView
 * @property {CameraControls} controls
 * @property {DisplayButton} display
 * @property {Drive} drive
 * @property {FalseColour} falseColour
 * @property {Figures} figures
 * @property {GreyPick} greyPick
 * @property {Loupe} loupe
 * @property {Shutter} shutter
 */

/** @param {Parts} parts */
export function wireKeys(parts) {
  listenToKeys([...shootingKeys(parts), ...toolKeys(parts), ...exposureKeys(parts), ...focusKeys(parts), ...pageKeys()]);
}

/** @param {Parts} parts @returns {Shortcut[]} */
function shootingKeys({ shutter, drive }) {
  return [
    { keys: [" "], shown: say`Space`, does: say`Take a picture`, action: () => shutter.press() },
    { keys: ["d"], shown: "D", does: say`Drive mode`, action: () => byId("drive-open").click() },
    { keys: ["q"], shown: "Q", does: say`End a drive mode, keep what is saved`, action: () => drive.cancel() },
  ];
}

/** @param {Parts} parts @returns {Shortcut[]} */
function toolKeys({ assists, brightView, display, falseColour, figures }) {
  return [
    { keys: ["p"], shown: "P", does: say`Peaking`, action: () => assists.togglePeaking() },
    { keys: ["z"], shown: "Z", does: say`Zebra`, action: () => assists.toggleZebra() },
    { keys: ["c"], shown: "C", does: say`Raw clipping`, action: () => assists.toggleClipping() },
    { keys: ["h"], shown: "H", does: say`Graph on and off`, action: () => assists.toggleGraph() },
    { keys: ["g"], shown: "G", does: say`Next graph`, action: () => figures.graph.next() },
    { keys: ["v"], shown: "V", does: say`Graph large, and back; in it the arrows move the reading`, action: () => figures.graph.toggleLarge() },
    { keys: ["i"], shown: "I", does: say`False colour`, action: () => falseColour.toggle() },
    { keys: ["s"], shown: "S", does: say`Spot meter`, action: () => assists.toggleSpot() },
    { keys: ["t"], shown: "T", does: say`Light meter`, action: () => byId("meter-open").click() },
    { keys: ["o"], shown: "O", does: say`Display: clean picture, essentials, everything, as you set it`, action: () => display.next() },
    { keys: ["b"], shown: "B", does: say`Bright view on this screen`, action: () => brightView.toggle() },
  ];
}

/** @param {Parts} parts @returns {Shortcut[]} */
function exposureKeys({ assists, controls, figures, greyPick }) {
  const pickGrey = () => void greyPick.pick(assists.spot);
  return [
    { keys: ["w"], shown: "W", does: say`White balance from what is grey under the spot`, action: pickGrey },
    { keys: ["e"], shown: "E", does: say`Expose to the right`, action: () => figures.ettr.apply() },
    { keys: ["a"], shown: "A", does: say`Lens and its f-stop`, action: () => byId("lens-open").click() },
    { keys: ["l"], shown: "L", does: say`AE lock`, action: () => controls.toggleAeLock() },
    { keys: ["-", "−"], shown: "−", does: say`EV down a third`, action: () => controls.nudgeEv(-1), repeats: true },
    { keys: ["+", "="], shown: "+", does: say`EV up a third`, action: () => controls.nudgeEv(1), repeats: true },
  ];
}

/** @param {Parts} parts @returns {Shortcut[]} */
function focusKeys({ assists, controls, loupe }) {
  const nearer = () => controls.nudgeFocus(-1);
  const farther = () => controls.nudgeFocus(1);
  /** In the loupe the arrows move it. @type {(right: number, down: number, otherwise: () => void) => () => void} */
  const arrow = (right, down, otherwise) => () => (loupe.on ? loupe.nudge(right, down) : otherwise());
  const nearerText = say`Focus nearer (simulated lens); in the loupe the arrows move it`;
  return [
    { keys: ["["], shown: "[ ← ↓", does: nearerText, action: nearer, repeats: true },
    { keys: ["]"], shown: "] → ↑", does: say`Focus farther (simulated lens)`, action: farther, repeats: true },
    { keys: ["arrowleft"], action: arrow(-1, 0, nearer), repeats: true },
    { keys: ["arrowdown"], action: arrow(0, 1, nearer), repeats: true },
    { keys: ["arrowright"], action: arrow(1, 0, farther), repeats: true },
    { keys: ["arrowup"], action: arrow(0, -1, farther), repeats: true },
    { keys: ["m"], shown: "M", does: say`Loupe on the focus area, and back (or double tap)`, action: () => loupe.toggle() },
    { keys: ["1", "2"], shown: "1 2", does: say`Loupe 1:1 or 2:1`, action: () => loupe.toggleScale() },
    { keys: ["escape"], shown: "Esc", does: say`Loupe away`, action: () => loupe.close() },
    { keys: ["x"], shown: "X", does: say`Focus area to the middle`, action: () => assists.centreArea() },
  ];
}

/** @returns {Shortcut[]} */
function pageKeys() {
  return [
    { keys: ["f"], shown: "F", does: say`Full screen`, action: () => void toggleFullscreen() },
    { keys: ["?"], shown: "?", does: say`This list`, action: openHelp },
  ];
}
