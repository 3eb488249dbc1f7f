/**
 * Where the camera's API and pages are: below the path under which this page was loaded, which is not "/" behind some
 * reverse proxies. Works on the page and in workers.
 */

/** "" or "/cam"; this file is at static/page/address.js below it, or at static/VERSION/page/ (web/routes/assets.py). */
const BASE = new URL("../..", import.meta.url).pathname.replace(/(\/static)?\/$/, "");

/**
 * @param {string} path Of the API or a page, such as "/api/status".
 * @returns {string} What to ask for.
 */
export function addressOf(path) {
  return BASE + path;
}
