/**
 * Places on the live picture: under a finger, and of the marks over it. The picture says itself how it is turned. Runs on the
 * page; whatever lies over the picture calls it.
 *
 * @import { Point } from "../paint/orientation.js"
 */

import { toSensor, toShown } from "../paint/orientation.js";

/** @typedef {Pick<PointerEvent, "clientX"|"clientY">} Place On the page. */

/** Exif's number of how the frame on the screen is turned. @param {HTMLElement} picture */
export function orientationOf(picture) {
  return Number(picture.dataset.orientation ?? 1);
}

/** The place of the sensor's picture under this one. @param {HTMLElement} picture @param {Place} place @returns {Point} */
export function sensorPointAt(picture, place) {
  return toSensor(shareIn(picture, place), orientationOf(picture));
}

/** @param {Element} element @param {Place} place @returns {Point} */
export function shareIn(element, place) {
  const box = element.getBoundingClientRect();
  const share = (/** @type {number} */ at, /** @type {number} */ size) => Math.min(Math.max(at / size, 0), 1);
  return { x: share(place.clientX - box.left, box.width), y: share(place.clientY - box.top, box.height) };
}

/**
 * Lay a mark over the picture; both have the same parent.
 * @param {HTMLElement} mark
 * @param {HTMLElement} picture
 * @param {Point} middle On the sensor's picture.
 * @param {number} size Shares of the picture's sides.
 * @param {number} leastPx
 */
export function layOver(mark, picture, middle, size, leastPx = 0) {
  const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = picture;
  const { x, y } = toShown(middle, orientationOf(picture));
  const [wide, high] = [offsetWidth, offsetHeight].map((side) => Math.max(leastPx, size * side));
  Object.assign(mark.style, {
    left: `${offsetLeft + x * offsetWidth - wide / 2}px`,
    top: `${offsetTop + y * offsetHeight - high / 2}px`,
    width: `${wide}px`,
    height: `${high}px`,
  });
}

/** Call when the picture has another size, or is turned otherwise. @param {HTMLElement} picture @param {() => void} onPlaced */
export function followPlace(picture, onPlaced) {
  new ResizeObserver(onPlaced).observe(picture);
  picture.addEventListener("turn", onPlaced);
}
