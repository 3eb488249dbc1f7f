/**
 * The words that the modules share: what the server sends, and what the page makes of it. Types only.
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

/** @typedef {"histogram"|"raw"|"waveform"|"parade"|"vectorscope"} GraphName */

/** @typedef {{name: "histogram"|"raw_histogram"|"waveform"|"vectorscope", format: "uint16"|"uint4", shape: number[], most: number}} GraphPart */

/** @typedef {{name: string, rgb: [number, number, number], first_code: number, last_code: number, from_ire: number, from_ev: number|null}} FalseBand */

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

/**
 * @typedef {object} Readings
 * @property {RawClipping|null} raw_clipping
 * @property {RawExposure|null} raw_exposure
 * @property {Spot|null} spot
 * @property {number|null} focus_score
 * @property {number|null} peaking_percent
 * @property {number|null} zebra_high_percent
 * @property {number|null} zebra_band_percent
 * @property {number|null} zebra_low_percent
 */

/** @typedef {{x: number, y: number, width: number, height: number}} SensorWindow In the sensor's pixels. */

/** @typedef {{focal_mm: number, f_number: number, focus_m: number}} Lens */

/**
 * @typedef {object} Setting What seldom changes from frame to frame.
 * @property {string} setting Its name: equal names, equal values.
 * @property {boolean} simulated
 * @property {string} source
 * @property {Lens|null} lens
 * @property {{width: number, height: number, bit_depth: number}} mode
 */

/**
 * @typedef {object} FrameFacts Sensor-side facts and figures of one frame.
 * @property {number} sequence
 * @property {number} captured_ms Unix time of the exposure's start on the camera's clock.
 * @property {{bytes: number, width: number, height: number, type: string}} picture
 * @property {{bytes: number, width: number, height: number, layers: LayerName[], encoding: string}} overlay
 * @property {{width: number, height: number, rung: number}} [full] The finest picture's size, and which rung this is.
 * @property {{bytes: number, parts: GraphPart[], sent: boolean}} graphs Not sent: those before still hold.
 * @property {Exposure} exposure
 * @property {SensorWindow|null} window The part of the sensor that the loupe shows; null without it.
 * @property {Readings} readings
 */

/** @typedef {FrameFacts & Setting} FrameHeader */

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

/** @typedef {"starting"|"live"|"lost"|"failed"|"closed"} CameraState */

/**
 * @typedef {object} Status
 * @property {CameraState} state
 * @property {string} message
 * @property {string} remedy
 * @property {number|null} [retry_in_s]
 * @property {number} sequence
 * @property {number} fps
 * @property {string} version
 * @property {{driver: string, description: string, simulated: boolean}|null} camera
 * @property {number} settings_revision
 * @property {DriveProgress["state"]} drive
 */

/** @typedef {{minimum: number, maximum: number, default: number|null, unit: string}} Limit */

/**
 * @typedef {object} Camera
 * @property {string} driver
 * @property {string} model
 * @property {boolean} simulated
 * @property {string} description
 * @property {string} mode
 * @property {{name: string, exposure_min_us: number, exposure_max_us: number}[]} modes
 * @property {Record<string, Limit>} limits By control name; a control that is missing cannot be set.
 * @property {Record<string, string[]>} choices By control name, the words that this camera takes.
 * @property {{raw_live: boolean, raw_still: boolean, lens_control: boolean, exposure_control: boolean, loupe: boolean}} capabilities
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
 * @typedef {object} LightReading One reading of the light meter.
 * @property {"frame"|"spot"} area
 * @property {{level_ev: number|null, clipped_percent: number}|null} level
 * @property {number} exposure_us
 * @property {number} gain
 * @property {number|null} f_number
 * @property {{offset_ev: number, ev100: number, at: string}|null} calibration
 * @property {{ev100: number, luminance_cd_m2: number, illuminance_lux: number}|null} light
 * @property {string} missing
 * @property {boolean} simulated
 * @property {number[]} isos
 * @property {{f_number: number, seconds: number[], times: string[]}[]} equivalents
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

/**
 * @typedef {object} Capture
 * @property {string} id
 * @property {string|null} taken_at
 * @property {{name: string, url: string, bytes: number, kind: "dng"|"jpeg"}[]} files
 * @property {string|null} thumbnail_url
 * @property {number|null} exposure_us
 * @property {number|null} iso
 * @property {boolean|null} simulated
 * @property {{verdict: "ok"|"warning"|"fault", findings: string[]}|null} audit What the files were found to be.
 */

/**
 * @typedef {object} DriveSetting One setting of a drive mode, as the camera describes it.
 * @property {string} name
 * @property {string} label
 * @property {"number"|"whole"|"choice"|"switch"|"time"} kind
 * @property {any} default
 * @property {string} unit
 * @property {number} minimum
 * @property {number} maximum
 * @property {string[]} choices
 * @property {number[]} steps Values worth offering.
 * @property {string} zero What 0 means, where it means something else.
 */

/** @typedef {{name: string, title: string, sentence: string, note: string, triggered: boolean, settings: DriveSetting[]}} DriveMode */

/**
 * @typedef {object} DriveProgress How far a drive mode is, or was when it ended.
 * @property {"idle"|"running"|"done"|"cancelled"|"failed"} state
 * @property {string} id
 * @property {string} mode
 * @property {"waiting"|"exposing"|"saving"|"armed"|"recording"|"none"} phase
 * @property {number} phase_s
 * @property {number} phase_left_s
 * @property {number} taken
 * @property {number|null} total
 * @property {number|null} left_s
 * @property {number} missed
 * @property {number} doubtful Shots of which the audit found something.
 * @property {string} last
 * @property {string} message
 * @property {ErrorFacts|null} error
 */

/** @typedef {{id: string, maker: string, model: string, mount: string, focal_mm: number, f_stops: number[]}} LensProfile */

/** @typedef {{chosen: {id: string, f_number: number|null}|null, recent: string[], problem: string, lenses: LensProfile[]}} LensList */

/** @typedef {{places: {id: string, name: string, folder: string, free_bytes: number, current: boolean}[], shots_left: number}} StoragePlaces */

/** @typedef {{captures: Capture[], free_bytes: number, shots_left: number}} CaptureList */

/** @typedef {{code: string, message: string, expected: string, remedy: string}} ErrorFacts */

/** @typedef {"none"|"thirds"|"phi"|"diagonals"|"centre"} GuideLines */

/** @typedef {"none"|"3:2"|"1:1"|"16:9"|"2.39:1"} GuideMask */

/** @typedef {"red"|"yellow"|"green"|"cyan"|"magenta"|"white"} PeakingColour */

/**
 * @typedef {object} PaintSettings How this client paints; kept in the browser.
 * @property {PeakingColour} peakingColour
 * @property {number} peakingOpacity 0.2..1
 * @property {boolean} peakingHairline A dark line around the ink.
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

/**
 * What the viewfinder looks like to its watcher.
 * @typedef {"starting"|"live"|"late"|"lost"|"failed"|"gone"} Condition
 */

export {};
