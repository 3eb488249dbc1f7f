/** Texts that this browser keeps, as far as it lets: storage can be full, or forbidden in a private window. Runs on the page. */

/** @param {string} key @returns {string|null} */
export function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** What cannot be kept lasts as long as the page. @param {string} key @param {string} text */
export function keep(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Nothing is lost now, and nobody can help it.
  }
}

/** What lasts as long as this tab. @param {string} key @returns {string|null} */
export function keptInTab(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} text @returns {string} The text. */
export function keepInTab(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // A page that is loaded again is a new one.
  }
  return text;
}
