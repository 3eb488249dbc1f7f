/**
 * Paints with WebGL 2: uploads one frame's picture and overlay together, and draws them as often as asked. The paint
 * loop calls it, in the worker or on the page.
 *
 * @import { Picture } from "../types/frame.js"
 * @import { Canvas, Painter, PaintStyle } from "./painter.js"
 */

import { LAYERS } from "./layers.js";
import { turnOf } from "./orientation.js";
import { FRAGMENT_SOURCE, TextureUnit, UNIFORMS, VERTEX_SOURCE } from "./webgl-shader.js";

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** @implements {Painter} */
export class WebGlPainter {
  /** @type {"webgl2"} */
  kind = "webgl2";
  /** @type {WebGL2RenderingContext} */
  #gl;
  /** @type {Record<keyof typeof UNIFORMS, WebGLUniformLocation|null>} */
  #locations;
  #layerOf = new Int32Array(LAYERS.length);
  #overlayShape = "";
  /** @type {Uint8Array|null} */
  #falseTable = null;
  /** @type {Picture["overlay"]|null} */
  #overlay = null;
  #turn = turnOf(1);

  /**
   * @param {Canvas} canvas
   * @returns {WebGlPainter|null} null where WebGL 2 is missing.
   */
  static on(canvas) {
    const wanted = { alpha: false, antialias: false, depth: false };
    const gl = /** @type {WebGL2RenderingContext|null} */ (canvas.getContext("webgl2", wanted));
    return gl && !gl.isContextLost() ? new WebGlPainter(gl) : null;
  }

  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.#gl = gl;
    const program = linkProgram(gl);
    gl.useProgram(program);
    this.#locations = /** @type {any} */ ({});
    for (const [name, inShader] of Object.entries(UNIFORMS)) {
      this.#locations[/** @type {keyof typeof UNIFORMS} */ (name)] = gl.getUniformLocation(program, inShader);
    }
    gl.bindVertexArray(gl.createVertexArray());
    makeTexture(gl, TextureUnit.PICTURE, gl.TEXTURE_2D, gl.LINEAR);
    makeTexture(gl, TextureUnit.OVERLAY, gl.TEXTURE_2D_ARRAY, gl.NEAREST);
    makeTexture(gl, TextureUnit.FALSE_TABLE, gl.TEXTURE_2D, gl.NEAREST);
    gl.uniform1i(this.#locations.falseTable, TextureUnit.FALSE_TABLE);
    gl.uniform1i(this.#locations.picture, TextureUnit.PICTURE);
    gl.uniform1i(this.#locations.overlay, TextureUnit.OVERLAY);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  /** @param {Picture} picture */
  load(picture) {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + TextureUnit.PICTURE);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, picture.bitmap);
    this.#turn = turnOf(picture.header.orientation);
    this.#loadOverlay(picture.overlay);
  }

  /** @param {Picture["overlay"]} overlay */
  #loadOverlay(overlay) {
    const gl = this.#gl;
    this.#overlay = overlay;
    gl.activeTexture(gl.TEXTURE0 + TextureUnit.OVERLAY);
    const { rowBytes, height, layers, bits } = overlay;
    const shape = `${rowBytes}x${height}`;
    if (shape !== this.#overlayShape) {
      gl.texImage3D(
        gl.TEXTURE_2D_ARRAY, 0, gl.R8UI, rowBytes, height, LAYERS.length, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, null,
      );
      this.#overlayShape = shape;
    }
    if (layers.length > 0) {
      gl.texSubImage3D(
        gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, rowBytes, height, layers.length, gl.RED_INTEGER, gl.UNSIGNED_BYTE, bits,
      );
    }
  }

  /** @param {PaintStyle} style @param {number} stripeShiftPx @param {boolean} pixelated */
  draw(style, stripeShiftPx, pixelated) {
    const gl = this.#gl;
    const at = this.#locations;
    const overlay = this.#overlay;
    if (!overlay) return;
    const [red, green, blue] = style.peakingColour;
    for (let i = 0; i < LAYERS.length; i++) {
      this.#layerOf[i] = style.hidden.includes(LAYERS[i]) ? -1 : overlay.layers.indexOf(LAYERS[i]);
    }
    const filter = pixelated ? gl.NEAREST : gl.LINEAR;
    gl.activeTexture(gl.TEXTURE0 + TextureUnit.PICTURE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform1iv(at.layerOf, this.#layerOf);
    gl.uniform2i(at.overlaySize, overlay.width, overlay.height);
    gl.uniform2f(at.screenSize, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform3i(at.turn, Number(this.#turn.swapped), Number(this.#turn.across), Number(this.#turn.down));
    gl.uniform1f(at.pixelRatio, style.pixelRatio);
    gl.uniform1f(at.stripeShift, stripeShiftPx);
    gl.uniform3f(at.peakingColour, red / 255, green / 255, blue / 255);
    gl.uniform1f(at.peakingOpacity, style.peakingOpacity);
    gl.uniform1f(at.hairline, style.peakingHairline ? style.pixelRatio : 0);
    gl.uniform1f(at.monochrome, style.monochrome ? 1 : 0);
    this.#useFalseTable(style.falseTable);
    gl.uniform1f(at.bright, style.bright);
    gl.uniform1f(at.frozen, style.frozen ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** @param {Uint8Array|null} table */
  #useFalseTable(table) {
    const gl = this.#gl;
    gl.uniform1f(this.#locations.falseColour, table ? 1 : 0);
    if (!table || table === this.#falseTable) return;
    gl.activeTexture(gl.TEXTURE0 + TextureUnit.FALSE_TABLE);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    this.#falseTable = table;
  }
}

/** Whether a graphics processor does WebGL 2 here: called on the page, once. In software it is many times slower than a 2D canvas. */
export function hasGraphicsProcessor() {
  const scratch = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(1, 1) : document.createElement("canvas");
  const gl = /** @type {WebGL2RenderingContext|null} */ (scratch.getContext("webgl2", { failIfMajorPerformanceCaveat: true }));
  if (!gl) return false;
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow a page only a few
  return !SOFTWARE.test(renderer);
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {number} unit
 * @param {number} target
 * @param {number} filter
 */
function makeTexture(gl, unit, target, filter) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(target, gl.createTexture());
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
}

/** @param {WebGL2RenderingContext} gl */
function linkProgram(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of /** @type {const} */ ([
    [gl.VERTEX_SHADER, VERTEX_SOURCE],
    [gl.FRAGMENT_SHADER, FRAGMENT_SOURCE],
  ])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(`the shader does not link: ${gl.getProgramInfoLog(program)} ${logs?.join(" ")}`);
  }
  return program;
}
