/**
 * Which language the page speaks: the one that was chosen on the page, else the first of the device's that the page has, else
 * English. Runs on the page.
 */

const KEY = "hqcam.language.1";

/** Each in its own name: who looks for it may read no other. */
export const LANGUAGES = Object.freeze({ en: "English", de: "Deutsch", zh: "中文" });

/** @typedef {keyof typeof LANGUAGES} Language */

/** @param {unknown} name @returns {name is Language} */
function isLanguage(name) {
  return Object.hasOwn(LANGUAGES, String(name));
}

/** @param {string} locale Such as "de-AT". */
function languageOf(locale) {
  return locale.toLowerCase().split("-")[0];
}

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** What was chosen on the page; "auto": the device's. @returns {Language|"auto"} */
export function chosenLanguage() {
  const name = kept();
  return isLanguage(name) ? name : "auto";
}

/** Keep the choice and load the page again: it is said everywhere. @param {Language|"auto"} name */
export function chooseLanguage(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    return; // without storage a page that is loaded again would not know
  }
  location.reload();
}

/**
 * The language and the locale for these wishes.
 * @param {Language|"auto"} chosen
 * @param {readonly string[]} locales As in `navigator.languages`: the device's, most wanted first.
 * @returns {{language: Language, locale: string}} The locale is a device's own where it has one of the language.
 */
export function languageFor(chosen, locales) {
  const wanted = chosen === "auto" ? locales.map(languageOf).find(isLanguage) : chosen;
  const language = wanted ?? "en";
  return { language, locale: locales.find((locale) => languageOf(locale) === language) ?? language };
}

export const { language, locale } = languageFor(chosenLanguage(), navigator.languages);

/** What the server writes for people to read, asked for in the language of the page. @param {string} address */
export function inLanguage(address) {
  return `${address}?lang=${language}`;
}
