/**
 * The page's own puller without a page: `node puller.mjs BASE_URL MODULES_FOLDER [ACCESS_CODE]`, until its input ends.
 * Prints a line of JSON for each frame: when it was whole, when it was captured (unix ms), what it weighed.
 */

import { pathToFileURL } from "node:url";

const [base, modules, code] = process.argv.slice(2);
const plain = globalThis.fetch;
/** @type {Record<string, string>} */
const headers = {};
if (code) {
  const answer = await plain(`${base}/api/access`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  headers.Cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0];
}
globalThis.fetch = (path, options) => plain(new URL(String(path), base), { ...options, headers });

const { FramePuller } = await import(pathToFileURL(`${modules}/live/frame-puller.js`).href);
const puller = new FramePuller({
  onFrame: ({ header, picture, overlay }) => {
    const sizes = { picture: picture.byteLength, overlay: overlay.byteLength };
    tell({ at: Date.now(), captured: header.captured_ms, sequence: header.sequence, rung: header.full.rung, ...sizes });
  },
  onEmpty: () => {},
  isPaintingSlow: () => false,
  untilPainted: async () => {},
  onFailure: (failures) => tell({ at: Date.now(), failures }),
  onLockedOut: () => tell({ at: Date.now(), lockedOut: true }),
});
puller.width = 1014;
puller.start();
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

/** @param {object} what */
function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
