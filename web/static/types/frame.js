/**
 * One frame: the header and parts that the server sends, and what the page makes of them. Types only.
 * Names with units as on the server: `_us`, `_ms`, `_mm`, `_m`, `_k`, `_ire`.
 */

/** @typedef {"peaking"|"zebra_high"|"zebra_band"|"zebra_low"|"raw_clip_r"|"raw_clip_g"|"raw_clip_b"|"raw_shadow"} LayerName */

/**
 * @typedef {object} Exposure What the frame was exposed with: delivered, never the request.
 * @property {number} exposure_us
 * @property {number} analogue_gain
 * @property {number} iso
 * @property {[number, number]} colour_gains
 * @property {number} colour_temperature_k
 * @property {"off"|"searching"|"converged"|"locked"} ae_state
 * @property {number} frame_duration_us
 * @property {boolean} known
 * @property {number|null} lux
 * @property {number|null} sensor_temperature_c
 */

/**
 * @typedef {object} Histogram Counts of the display signal's codes 0..255.
 * @property {Uint16Array} luma
 * @property {Uint16Array} red
 * @property {Uint16Array} green
 * @property {Uint16Array} blue
 * @property {number} sampled
 */

/** @typedef {{red: Uint16Array, green: Uint16Array, blue: Uint16Array}} RawCounts By eighths of EV below clipping. */

/** @typedef {{shape: number[], cells: Uint8Array}} Scope Brightness 0..15, row after row. */

/** @typedef {{histogram: Histogram|null, raw: RawCounts|null, waveform: Scope|null, vectorscope: Scope|null}} Graphs */

/** @typedef {{name: "histogram"|"raw_histogram"|"waveform"|"vectorscope", format: "uint16"|"uint4", shape: number[], most: number}} GraphPart */

/**
 * @typedef {object} RawExposure What the raw samples say of the exposure; EV.
 * @property {number} noise_floor_ev
 * @property {number|null} ettr_red_ev
 * @property {number|null} ettr_green_ev
 * @property {number|null} ettr_blue_ev
 * @property {number|null} ettr_ev
 * @property {boolean} over
 * @property {number} shadow_ev
 * @property {number} shadow_percent
 * @property {[number, number, number]|null} headroom_ev
 * @property {boolean} levels_assumed
 */

/** @typedef {{red_ev: number|null, green_ev: number|null, blue_ev: number|null, signal_dn: number[], clipped_percent: number}} RawSpot */

/**
 * @typedef {object} Spot
 * @property {number} ire
 * @property {number} red
 * @property {number} green
 * @property {number} blue
 * @property {number} reflectance_percent
 * @property {number|null} from_grey_ev
 * @property {"raw"|"display"} reflectance_from
 * @property {RawSpot|null} raw
 */

/**
 * @typedef {object} RawClipping Share of raw samples at the clip level, per colour.
 * @property {number} red_percent
 * @property {number} green_percent
 * @property {number} blue_percent
 * @property {number} level_dn
 * @property {boolean} levels_assumed
 */

/** @typedef {{ev: number, at_least: boolean}} Deviation How far the exposure is from what the metering asks for; EV. */

/**
 * @typedef {object} Readings
 * @property {RawClipping|null} raw_clipping
 * @property {RawExposure|null} raw_exposure
 * @property {Spot|null} spot
 * @property {Deviation|null} [deviation] In M and with AE lock.
 * @property {number|null} focus_score
 * @property {"dark"|"bright"|null} focus_unclear Why the score is 0: the area cannot be told.
 * @property {number|null} focus_series Scores of one series can be compared: only focus changed in between.
 * @property {number|null} peaking_percent
 * @property {number|null} zebra_high_percent
 * @property {number|null} zebra_band_percent
 * @property {number|null} zebra_low_percent
 */

/** @typedef {{x: number, y: number, width: number, height: number}} SensorWindow In the sensor's pixels. */

/** @typedef {{focal_mm: number, f_number: number, focus_m: number}} Lens */

/**
 * @typedef {object} FrameSource Where frames come from: sent once, then named by its `setting`.
 * @property {string} setting The source's name: equal names, equal values.
 * @property {boolean} simulated
 * @property {string} source
 * @property {Lens|null} lens
 * @property {{width: number, height: number, bit_depth: number, crop: {width: number, height: number}}} mode crop: pixels of the sensor.
 */

/**
 * @typedef {object} FrameFacts Sensor-side facts and figures of one frame.
 * @property {number} sequence
 * @property {number} captured_ms Unix time of the exposure's start on the camera's clock.
 * @property {{bytes: number, width: number, height: number, type: string}} picture
 * @property {{bytes: number, width: number, height: number, layers: LayerName[], encoding: string}} overlay
 * @property {{width: number, height: number, rung: number}} [full] The finest picture's size, and which rung this is.
 * @property {{bytes: number, parts: GraphPart[], sent: boolean}} graphs Not sent: those before still hold.
 * @property {number} orientation Exif's 1 to 8: how picture and overlay are turned for looking at them.
 * @property {Exposure} exposure
 * @property {SensorWindow|null} window The part of the sensor that the loupe shows; null without it.
 * @property {Readings} readings
 */

/** @typedef {FrameFacts & FrameSource} FrameHeader */

/**
 * @typedef {object} WireFrame One frame as it came: views into one buffer, nothing copied.
 * @property {FrameHeader} header
 * @property {Uint8Array<ArrayBuffer>} picture
 * @property {Uint8Array<ArrayBuffer>} overlay
 * @property {Uint8Array<ArrayBuffer>} graphs
 * @property {Promise<ImageBitmap>} [bitmap] The picture, where decoding it began before the rest was here.
 */

/**
 * @typedef {object} OverlayPlanes Unpacked layers: `bits` holds them one after the other, in the order of `layers`.
 * @property {number} width
 * @property {number} height
 * @property {number} rowBytes
 * @property {LayerName[]} layers
 * @property {Uint8Array} bits
 */

/**
 * @typedef {object} Picture One frame ready to paint; picture and overlay always go together.
 * @property {FrameHeader} header
 * @property {ImageBitmap} bitmap
 * @property {OverlayPlanes} overlay
 * @property {Graphs} graphs
 */

export {};
