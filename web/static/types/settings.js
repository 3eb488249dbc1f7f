/**
 * The settings that a user can change: what is asked of the camera, what it detects, and how this browser shows it.
 * Types only. Names with units as on the server: `_us`, `_ms`, `_mm`, `_m`, `_k`, `_ire`.
 */

/**
 * @typedef {object} Controls What is asked of the camera; null exposure or gain is automatic.
 * @property {number|null} exposure_us
 * @property {number|null} gain
 * @property {number} ev
 * @property {boolean} ae_lock
 * @property {string} awb
 * @property {[number, number]|null} colour_gains
 * @property {number|null} colour_temperature_k For awb "kelvin".
 * @property {string} metering
 * @property {string} constraint
 * @property {string} anti_flicker
 * @property {number} contrast
 * @property {number} saturation
 * @property {number} sharpness
 * @property {string} noise_reduction
 * @property {number|null} focus_m
 * @property {number|null} f_number
 * @property {number|null} focal_mm
 */

/**
 * @typedef {object} Assists What is detected, for everyone who watches.
 * @property {boolean} peaking
 * @property {"low"|"medium"|"high"|"auto"} peaking_sensitivity
 * @property {boolean} zebra_high
 * @property {number} zebra_high_ire
 * @property {"any"|"luma"|"red"|"green"|"blue"} zebra_high_channel
 * @property {boolean} zebra_band
 * @property {number} zebra_band_low_ire
 * @property {number} zebra_band_high_ire
 * @property {boolean} zebra_low
 * @property {number} zebra_low_ire
 * @property {boolean} clipping
 * @property {boolean} raw_shadow
 * @property {number} raw_shadow_ev
 * @property {boolean} raw_histogram
 * @property {number} ettr_tolerance_percent
 * @property {boolean} histogram
 * @property {"off"|"luma"|"parade"} waveform
 * @property {boolean} vectorscope
 * @property {boolean} spot
 * @property {number} spot_x
 * @property {number} spot_y
 * @property {number} spot_size
 * @property {boolean} focus_score
 * @property {number} focus_x
 * @property {number} focus_y
 * @property {number} focus_size
 */

/** @typedef {"histogram"|"raw"|"waveform"|"parade"|"vectorscope"} GraphName */

/** @typedef {"none"|"thirds"|"phi"|"diagonals"|"centre"} GuideLines */

/** @typedef {"none"|"3:2"|"1:1"|"16:9"|"2.39:1"} GuideMask */

/** @typedef {"red"|"yellow"|"green"|"cyan"|"magenta"|"white"} PeakingColour */

/**
 * @typedef {object} BrowserSettings How this browser shows the picture and its tools; kept in the browser.
 * @property {PeakingColour} peakingColour
 * @property {number} peakingOpacity 0.2..1
 * @property {boolean} peakingHairline A dark line around the marked edges.
 * @property {boolean} monochrome The picture behind the marks in grey.
 * @property {boolean} showPeaking
 * @property {boolean} showZebra
 * @property {boolean} showClipping
 * @property {1|2} loupeScale Pixels of the screen for one of the sensor, along a side.
 * @property {"linear"|"log"} histogramScale
 * @property {GuideLines} guideLines
 * @property {GuideMask} guideMask
 * @property {boolean} guideSafe
 * @property {GraphName} graph The graph that is shown.
 * @property {boolean} level The device's own level over the picture.
 * @property {0|1|2|3} brightEv How much brighter this screen shows the picture, for composing.
 * @property {boolean} falseColour
 * @property {"ire"|"stops"} falseScale
 * @property {string} panel The control that is open in the tools.
 */

export {};
