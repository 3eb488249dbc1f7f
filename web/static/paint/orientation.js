/**
 * How a picture is turned for looking at it: Exif's orientation, 1 to 8. Picture and overlay come as the sensor gave them, and
 * each frame says how it is turned; what the camera is asked for is a place of the sensor's picture. The same as
 * device/pixels/orientation.py. Pure.
 */

/** Shares of a picture's sides, from the left and the top; or a direction, right and down. @typedef {{x: number, y: number}} Point */

const MIRRORED_ACROSS = new Set([2, 3, 6, 7]);
const MIRRORED_DOWN = new Set([3, 4, 7, 8]);

/**
 * What is done to the sensor's picture: sides are swapped (it is mirrored about the diagonal from the upper left), and then the
 * picture that is shown is mirrored across, and down.
 * @param {number} orientation
 */
export function turnOf(orientation) {
  return { swapped: orientation >= 5, across: MIRRORED_ACROSS.has(orientation), down: MIRRORED_DOWN.has(orientation) };
}

/** Width and height of what is shown. @param {{width: number, height: number}} size @param {number} orientation */
export function shownSize({ width, height }, orientation) {
  return turnOf(orientation).swapped ? { width: height, height: width } : { width, height };
}

/** The place of the sensor's picture under a place of the shown one. @param {Point} shown @param {number} orientation @returns {Point} */
export function toSensor(shown, orientation) {
  const { swapped, across, down } = turnOf(orientation);
  const x = across ? 1 - shown.x : shown.x;
  const y = down ? 1 - shown.y : shown.y;
  return swapped ? { x: y, y: x } : { x, y };
}

/** Where a place of the sensor's picture is shown. @param {Point} sensor @param {number} orientation @returns {Point} */
export function toShown(sensor, orientation) {
  const { swapped, across, down } = turnOf(orientation);
  const { x, y } = swapped ? { x: sensor.y, y: sensor.x } : sensor;
  return { x: across ? 1 - x : x, y: down ? 1 - y : y };
}

/** What is right and down on the screen, on the sensor. @param {Point} shown @param {number} orientation @returns {Point} */
export function directionOnSensor(shown, orientation) {
  const [from, to] = [toSensor({ x: 0, y: 0 }, orientation), toSensor(shown, orientation)];
  return { x: to.x - from.x, y: to.y - from.y };
}

/** What is right and down on the sensor, on the screen. @param {Point} sensor @param {number} orientation @returns {Point} */
export function directionShown(sensor, orientation) {
  const [from, to] = [toShown({ x: 0, y: 0 }, orientation), toShown(sensor, orientation)];
  return { x: to.x - from.x, y: to.y - from.y };
}
