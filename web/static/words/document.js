/** Says the texts of the document in the language of the page, once, before anything is added. Runs on the page. */

import { inLanguage, language } from "./language.js";
import { word } from "./words.js";

/** What is read of an element besides its text. */
const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt"];

/** What leads to texts of the server: the help, and the name under which the page is installed. */
const LINKS = 'a[href*="/help"], link[rel="manifest"]';

const CHINESE = /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/;

export function translateDocument() {
  for (const link of document.querySelectorAll(LINKS)) link.setAttribute("href", inLanguage(link.getAttribute("href") ?? ""));
  if (language === "en") return;
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  document.title = word(document.title);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  /** @type {Node|null} */
  let before = null;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Element) {
      translateAttributes(node);
      continue;
    }
    if (node.nodeValue?.trim() && node.parentElement?.localName !== "code") node.nodeValue = translateText(node.nodeValue);
    if (before) joinChinese(before, node);
    before = node;
  }
}

/** Chinese has no space between its words, wherever a text ends. @param {Node} before @param {Node} after */
function joinChinese(before, after) {
  const [first, second] = [before.nodeValue ?? "", after.nodeValue ?? ""];
  if (!CHINESE.test(first.trim().at(-1) ?? "") || !CHINESE.test(second.trim().at(0) ?? "")) return;
  before.nodeValue = first.trimEnd();
  after.nodeValue = second.trimStart();
}

/** @param {Element} element */
function translateAttributes(element) {
  for (const name of ATTRIBUTES) {
    const text = element.getAttribute(name);
    if (text) element.setAttribute(name, word(text));
  }
}

/** The space around a text is the document's. @param {string} text */
function translateText(text) {
  const [, before, words, after] = /** @type {RegExpExecArray} */ (/^(\s*)(.*?)(\s*)$/s.exec(text));
  return before + word(words.replace(/\s+/g, " ")) + after;
}
