/** Where a file is had as this phone wants it, and its name: JPEGs smaller, or without metadata. Pure. */

/** @typedef {{sendSize: "original"|"2048"|"1080", sendMetadata: boolean}} Wanted */

/** @param {{url: string, kind: import("../types/shoot.js").FileKind}} file @param {Wanted} wanted */
export function sentUrl({ url, kind }, { sendSize, sendMetadata }) {
  if (kind !== "jpeg") return url;
  const parameters = [...(sendSize === "original" ? [] : [`size=${sendSize}`]), ...(sendMetadata ? [] : ["metadata=0"])];
  return parameters.length > 0 ? `${url}?${parameters.join("&")}` : url;
}

/** As the camera names such a copy. @param {{name: string, kind: import("../types/shoot.js").FileKind}} file @param {Wanted} wanted */
export function sentName({ name, kind }, { sendSize }) {
  return kind === "jpeg" && sendSize !== "original" ? name.replace(/(\.\w+)$/, `_${sendSize}$1`) : name;
}
