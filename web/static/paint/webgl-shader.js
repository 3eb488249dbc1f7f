/**
 * The shader that paints one frame: picture, then stripes and colours of its overlay, all in screen pixels.
 * The GLSL stands beside the table of its uniforms; the order of layers is that of `LAYERS`.
 *
 * Overlay bits are looked up, never filtered. Where one screen pixel covers more than one overlay pixel, the corners
 * of its footprint are joined by OR, so that a thin sharp edge does not vanish on a small screen.
 *
 * @import { Rgb } from "./palette.js"
 */

import { LAYERS } from "./layers.js";
import { CLIPPED, HAIRLINE, STRIPES } from "./palette.js";

export const TextureUnit = Object.freeze({ PICTURE: 0, OVERLAY: 1, FALSE_TABLE: 2 });

/** Where each uniform's value comes from; the painter asks for exactly these. */
export const UNIFORMS = Object.freeze(
  /** @type {const} */ ({
    picture: "picture", // sampler2D, unit PICTURE
    overlay: "overlay", // usampler2DArray, unit OVERLAY: rows of packed bits
    layerOf: "layerOf[0]", // int per LAYERS entry: its slice in `overlay`, or -1 when nothing is lit or not shown
    overlaySize: "overlaySize", // ivec2, overlay pixels
    screenSize: "screenSize", // vec2, device pixels of the canvas
    turn: "turn", // ivec3 of 0 and 1: sides swapped, mirrored across, mirrored down (see orientation.js)
    pixelRatio: "pixelRatio", // device pixels per CSS pixel
    stripeShift: "stripeShift", // how far the stripes have moved, device pixels
    peakingColour: "peakingColour", // vec3
    peakingOpacity: "peakingOpacity", // 0..1
    hairline: "hairline", // width of the dark line around peaking, device pixels; 0 without
    monochrome: "monochrome", // 1: the picture in grey
    falseTable: "falseTable", // sampler2D, unit FALSE_TABLE: a colour for each of 256 codes of luma
    falseColour: "falseColour", // 1: the picture in the table's colours
    bright: "bright", // what the picture's codes are multiplied by; 1 as it is
    frozen: "frozen", // 0 live, 1 greyed: this picture is not live
  }),
);

/** Across the stripe, CSS pixels. */
export const STRIPE_PERIOD_PX = 9;

export const VERTEX_SOURCE = `#version 300 es
// One triangle that covers the screen; no buffers.
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/**
 * Colour and opacity of the palette as the shader's constants.
 * @param {string} name
 * @param {Rgb} rgb
 * @param {number} opacity 0..1
 */
function constants(name, [red, green, blue], opacity) {
  const prefix = name.toUpperCase();
  return `const vec3 ${prefix}_COLOUR = vec3(${red}, ${green}, ${blue}) / 255.0;
const float ${prefix}_OPACITY = float(${opacity});`;
}

export const FRAGMENT_SOURCE = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2DArray;

${LAYERS.map((name, i) => `const int ${name.toUpperCase()} = ${i};`).join("\n")}
const float STRIPE_PERIOD = ${STRIPE_PERIOD_PX}.0;
${Object.entries(STRIPES).map(([layer, { rgb, opacity }]) => constants(layer, rgb, opacity)).join("\n")}
${Object.entries(CLIPPED).map(([layer, rgb]) => constants(layer, rgb, 1)).join("\n")}
${constants("hairline", HAIRLINE.rgb, HAIRLINE.opacity)}

uniform sampler2D picture;
uniform sampler2D falseTable;
uniform float falseColour;
uniform usampler2DArray overlay;
uniform int layerOf[${LAYERS.length}];
uniform ivec2 overlaySize;
uniform vec2 screenSize;
uniform ivec3 turn;
uniform float pixelRatio;
uniform float stripeShift;
uniform vec3 peakingColour;
uniform float peakingOpacity;
uniform float hairline;
uniform float monochrome;
uniform float bright;
uniform float frozen;
out vec4 colour;

uint bitAt(ivec2 at, int slice) {
  uint packed = texelFetch(overlay, ivec3(at.x >> 3, at.y, slice), 0).r;
  return (packed >> uint(7 - (at.x & 7))) & 1u;
}

bool lit(int layer, ivec2 first, ivec2 last) {
  int slice = layerOf[layer];
  if (slice < 0) return false;
  uint bits = bitAt(first, slice);
  if (last.x > first.x) bits |= bitAt(ivec2(last.x, first.y), slice);
  if (last.y > first.y) bits |= bitAt(ivec2(first.x, last.y), slice) | bitAt(last, slice);
  return bits != 0u;
}

// A place of the screen on the picture as the sensor gave it, in pixels of the screen.
vec2 onSensor(vec2 screen) {
  vec2 at = vec2(turn.y == 1 ? screenSize.x - screen.x : screen.x, turn.z == 1 ? screenSize.y - screen.y : screen.y);
  return turn.x == 1 ? at.yx : at;
}

// The size of that picture, in pixels of the screen.
vec2 sensorSize() {
  return turn.x == 1 ? screenSize.yx : screenSize;
}

// The overlay's pixels under one of the screen.
void footprint(vec2 screen, out ivec2 first, out ivec2 last) {
  vec2 at = onSensor(screen);
  vec2 scale = vec2(overlaySize) / sensorSize();
  ivec2 limit = overlaySize - 1;
  first = clamp(ivec2((at - 0.5) * scale), ivec2(0), limit);
  last = clamp(ivec2((at + 0.499) * scale), first, limit);
  if (scale.x <= 1.0) { first = clamp(ivec2(at * scale), ivec2(0), limit); last = first; }
}

bool isPeaking(vec2 screen) {
  ivec2 first, last;
  footprint(screen, first, last);
  return lit(PEAKING, first, last);
}

// True on the stripe, false between two; \`along\` is measured across the stripes in device pixels.
bool onStripe(float along) {
  return mod(along, STRIPE_PERIOD * pixelRatio) < 0.5 * STRIPE_PERIOD * pixelRatio;
}

void main() {
  vec2 screen = vec2(gl_FragCoord.x, screenSize.y - gl_FragCoord.y);  // from the top left
  vec3 c = texture(picture, onSensor(screen) / sensorSize()).rgb;
  if (frozen > 0.5) {
    float grey = dot(c, vec3(0.299, 0.587, 0.114));
    bool hatch = onStripe((screen.x + screen.y) * 0.2);
    colour = vec4(vec3(grey) * (hatch ? 0.34 : 0.42), 1.0);
    return;
  }

  if (falseColour < 0.5) c = min(c * bright, vec3(1.0));
  if (falseColour > 0.5) {
    int code = int(255.0 * dot(c, vec3(0.299, 0.587, 0.114)) + 0.5);
    c = texelFetch(falseTable, ivec2(clamp(code, 0, 255), 0), 0).rgb;
  } else if (monochrome > 0.5) c = vec3(dot(c, vec3(0.299, 0.587, 0.114)));
  ivec2 first, last;
  footprint(screen, first, last);

  float falling = (screen.x + screen.y) * 0.70711, rising = (screen.x - screen.y) * 0.70711;
  float steep = screen.x * 0.94868 + screen.y * 0.31623;
  if (lit(RAW_SHADOW, first, last) && onStripe(falling + stripeShift)) c = mix(c, RAW_SHADOW_COLOUR, RAW_SHADOW_OPACITY);
  if (lit(ZEBRA_LOW, first, last) && onStripe(rising + stripeShift)) c = mix(c, ZEBRA_LOW_COLOUR, ZEBRA_LOW_OPACITY);
  if (lit(ZEBRA_BAND, first, last) && onStripe(steep - stripeShift)) c = mix(c, ZEBRA_BAND_COLOUR, ZEBRA_BAND_OPACITY);
  if (lit(ZEBRA_HIGH, first, last) && onStripe(falling - stripeShift)) c = mix(c, ZEBRA_HIGH_COLOUR, ZEBRA_HIGH_OPACITY);

  bvec3 clipped = bvec3(lit(RAW_CLIP_R, first, last), lit(RAW_CLIP_G, first, last), lit(RAW_CLIP_B, first, last));
  // Solid: red, green, blue, and their sums.
  if (any(clipped)) c = mat3(RAW_CLIP_R_COLOUR, RAW_CLIP_G_COLOUR, RAW_CLIP_B_COLOUR) * vec3(clipped);
  if (lit(PEAKING, first, last)) {
    c = mix(c, peakingColour, peakingOpacity);
  } else if (hairline > 0.0 && layerOf[PEAKING] >= 0) {
    vec2 aside = vec2(hairline, 0.0);
    bool beside = isPeaking(screen - aside) || isPeaking(screen + aside) ||
      isPeaking(screen - aside.yx) || isPeaking(screen + aside.yx);
    if (beside) c = mix(c, HAIRLINE_COLOUR, HAIRLINE_OPACITY * peakingOpacity);
  }
  colour = vec4(c, 1.0);
}`;
