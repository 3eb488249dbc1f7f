/**
 * The settings, a tool at a time: where they are a sheet, a row of tabs leads to each tool's own. Beside the picture of a
 * large screen all stand below one another, and the row is left out. Runs on the page.
 */

import { addressOf } from "../page/address.js";
import { byId, make, setAttribute } from "../page/dom.js";
import { inLanguage } from "../words/language.js";
import { midSentence, say } from "../words/words.js";

/** In the order of the tabs: the tab, what the tool does, and its page of the help. */
const TOOLS = {
  guides: [say`Guides`, say`Lines, frames and a level to compose by, over the picture of this screen.`, "guides"],
  picture: [say`Picture`, say`How the live picture and the JPEG look; the raw file has nothing of it.`, "picture-settings"],
  peaking: [say`Peaking`, say`Marks what is in focus, as fine as the sensor sees it.`, "peaking"],
  zebra: [say`Zebra`, say`Stripes where the picture is as bright, or as dark, as you say.`, "zebra"],
  clipping: [say`Raw clip`, say`Marks where the sensor's own samples are full, or lost in noise.`, "raw-clip"],
  false: [say`False colour`, say`Paints each brightness in a colour of its own.`, "false-colour"],
  spot: [say`Spot`, say`Measures one place of the picture.`, "spot-meter"],
  score: [say`Focus score`, say`One figure for the sharpness of an area: turn the ring until it is highest.`, "focus-score"],
  histogram: [say`Graphs`, say`How the brightness and the colours of the picture are spread.`, "histogram"],
  mount: [say`Orientation`, say`For a camera that hangs upside down or stands on its side.`, "orientation"],
  calibration: [say`Calibration`, say`What this camera is measured to be, in place of published numbers.`, "calibration"],
  times: [say`Times`, say`For pictures that were taken while the camera's clock was wrong.`, "raw-files"],
  screen: [say`Screen`, say`How this screen shows the page.`, "display"],
};

/** @typedef {keyof typeof TOOLS} ToolName */

/** Give each tool's settings their tab, their sentence and their page. @param {Record<ToolName, HTMLElement>} groups */
export function makeToolTabs(groups) {
  for (const [name, [text, says, help]] of Object.entries(TOOLS)) {
    const group = groups[/** @type {ToolName} */ (name)];
    const place = make("div", { class: "tool", "data-tool": name });
    group.replaceWith(place);
    const page = { href: addressOf(inLanguage(`/help/${help}`)), target: "_blank", rel: "noopener" };
    const more = make("a", page, say`About ${midSentence(text)}`);
    place.append(make("p", { class: "sheet-note" }, `${says} `, more), group);
    const tab = make("button", { type: "button", class: "tool-tab", "data-tab": name }, text);
    tab.addEventListener("click", () => showTool(/** @type {ToolName} */ (name)));
    byId("tool-tabs").append(tab);
  }
  const note = say`What is detected is set in the camera, for everyone who watches. Colours and what is shown are this screen's.`;
  byId("assists-body").append(make("p", { class: "sheet-note" }, note)); // last: on a small phone the settings come first
  byId("assists-open").addEventListener("click", () => showTool("guides"));
  showTool("guides");
}

/** Show the tabs of the tools that have something to set. */
export function showTabs() {
  for (const tab of tabs()) tab.hidden = placeOf(tab).querySelector(".tool > [hidden]") !== null;
}

/** Show the settings of one tool. @param {ToolName} name */
export function showTool(name) {
  showTabs();
  for (const tab of tabs()) {
    const tool = tab.dataset.tab;
    const place = placeOf(tab);
    setAttribute(tab, "aria-pressed", tool === name);
    place.toggleAttribute("data-current", tool === name);
    if (tool === name) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  byId("assists-body").scrollTop = 0;
}

function tabs() {
  return /** @type {HTMLElement[]} */ ([...byId("tool-tabs").children]);
}

/** @param {HTMLElement} tab */
function placeOf(tab) {
  return /** @type {HTMLElement} */ (document.querySelector(`[data-tool="${tab.dataset.tab}"]`));
}
