/**
 * The camera: its state, limits and answers to questions. Types only.
 *
 * @import { DriveProgress } from "./shoot.js"
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
 * @property {string} captures Changes when captures come or go, whoever took them.
 * @property {CameraTime} clock
 * @property {string[]} notices What was set aside, repaired or could not be kept.
 * @property {Battery|null} battery Of the camera's computer, where it knows of one.
 * @property {Seen} people The others.
 */

/** @typedef {{number: number, who: string, subject: string, names: string[]}} Change Each has another number. */

/** @typedef {{watching: string[], changes: Change[]}} Seen What the others are called, and what they changed lately. */

/** @typedef {{percent: number, charging: boolean}} Battery */

/** @typedef {{unix_ms: number, synchronised: boolean, source: "synchronised"|"told"|"unknown"}} CameraTime */

/** @typedef {{minimum: number, maximum: number, default: number|null, unit: string}} Limit */

/**
 * @typedef {object} Camera
 * @property {string} driver
 * @property {string} model
 * @property {boolean} simulated
 * @property {string} description
 * @property {string} tuning
 * @property {string} mode
 * @property {{name: string, exposure_min_us: number, exposure_max_us: number}[]} modes
 * @property {Record<string, Limit>} limits By control name; a control that is missing cannot be set.
 * @property {Record<string, string[]>} choices By control name, the words that this camera takes.
 * @property {{raw_live: boolean, raw_still: boolean, lens_control: boolean, exposure_control: boolean, loupe: boolean, coverable: boolean, turnable: boolean}} capabilities
 */

/** @typedef {{name: string, rgb: [number, number, number], first_code: number, last_code: number, from_ire: number, from_ev: number|null}} FalseBand */

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
 * @typedef {object} CameraCalibration What is in use of this camera, and a calibration in progress.
 * @property {boolean} possible
 * @property {boolean} by_itself Whether cap and paper come before the lens without a hand.
 * @property {number} in_use Counted from 1; 0: the published numbers.
 * @property {string[]} kept When each was made.
 * @property {number|null} temperature_c
 * @property {{name: string, unit: string, published: number|null, measured: number|null, percent: number|null}[]} figures
 * @property {CalibrationProgress} progress
 */

/**
 * @typedef {object} CalibrationProgress
 * @property {"cap"|"paper"|null} step
 * @property {boolean} running
 * @property {number} done
 * @property {number} of
 * @property {string} what
 * @property {boolean} cap_done
 * @property {boolean} complete
 * @property {boolean|null} same_sensor
 * @property {{code: string, message: string, expected: string, remedy: string}|null} error
 */

/**
 * @typedef {object} BackFocusState Where the guide to the right back focus is.
 * @property {boolean} possible
 * @property {boolean} by_itself Whether the lens is moved without a hand.
 * @property {number|null} known_f_number
 * @property {"idle"|"measuring"|"waiting"|"right"|"unsure"} state
 * @property {number} done Steps of the measurement in progress.
 * @property {number} of
 * @property {string} what
 * @property {number} turns_most
 * @property {BackFocusAdvice|null} advice
 * @property {{right: {um: number, sigma_um: number}, bottom: {um: number, sigma_um: number}}|null} tilt At the end, where it is known.
 * @property {{code: string, message: string, expected: string, remedy: string, why: string}|null} error
 */

/**
 * @typedef {object} BackFocusAdvice What to do after a measurement.
 * @property {number} turns
 * @property {{um: number, sigma_um: number}|null} place How much too far from the sensor the lens is.
 * @property {number|null} move_um Out above 0; null: stop.
 * @property {number} degrees
 */

/**
 * @typedef {object} EdgeReading The sharpness of an edge; what the page shows of it.
 * @property {number} mtf50 Cycles per pixel of the full sensor.
 * @property {number} mtf50_sigma
 * @property {number|null} mtf50_lp_mm
 * @property {number|null} mtf50_lp_mm_sigma
 * @property {number|null} diffraction_lp_mm
 * @property {number|null} f_number
 * @property {number} binning
 */

/**
 * @typedef {object} LensValues What the owner says of a lens.
 * @property {string} maker
 * @property {string} model
 * @property {string} mount
 * @property {number} focal_mm
 * @property {number[]} f_stops Of its ring, the widest first.
 * @property {number|null} focal_long_mm Of a zoom the longest; focal_mm is its shortest.
 * @property {number|null} f_widest_long Of a zoom the widest stop there, where it is another.
 * @property {boolean} narrowest_known Whether the ring ends with the last of f_stops.
 * @property {number|null} closest_m
 * @property {string} adapter
 * @property {string} serial
 * @property {string} notes
 * @property {number|null} six_bit The dots of a coded Leica M lens.
 * @property {string} source Whose published data a lens of the catalogue repeats.
 * @property {number|null} breathing How its picture grows with nearer focus, where that was measured.
 * @property {number|null} breathing_error Its standard error.
 */

/** @typedef {LensValues & {id: string, equivalent_mm: number}} LensProfile */

/** @typedef {{width: number, height: number, diagonal: number}} FieldSides */

/**
 * @typedef {object} LensFigures What the optics of a lens come to; null: infinity, or not known.
 * @property {number|null} distance_m
 * @property {FieldSides} field_deg
 * @property {FieldSides|null} frame_m What the frame holds at that distance.
 * @property {number} equivalent_mm
 * @property {number} hyperfocal_m
 * @property {number} near_m
 * @property {number|null} far_m
 * @property {number|null} total_m
 * @property {number} airy_um
 * @property {number} diffraction_f
 * @property {number} best_f
 * @property {number} loss_ev
 * @property {boolean|null} nearer_than_focus
 */

/**
 * @typedef {object} WrongLength What an adapter does that is too long (error above 0) or too short.
 * @property {number} error_mm
 * @property {number|null} farthest_m null: infinity.
 * @property {number|null} infinity_mark_m The mark at which infinity is sharp; null: that of infinity.
 * @property {number|null} closest_m
 * @property {boolean} sharp Whether anything is, at any mark.
 */

/**
 * @typedef {object} LensAdapting How a lens is put on the HQ camera; null: not known, or there is none.
 * @property {number|null} flange_mm
 * @property {string} source
 * @property {number|null} cs_mm
 * @property {number|null} ring_mm
 * @property {WrongLength|null} long What 0.1 mm too much does.
 * @property {WrongLength|null} short
 * @property {WrongLength|null} given What the adapter that was told of does.
 */

/**
 * @typedef {object} LensList
 * @property {{id: string, f_number: number|null, focal_mm: number|null}|null} chosen focal_mm null: a zoom that stands nobody knows where.
 * @property {string[]} recent Ids, the newest first.
 * @property {string[]} own Ids of lenses that the owner added or changed.
 * @property {string} problem
 * @property {number} pixel_pitch_um Of the sensor.
 * @property {LensProfile[]} lenses
 */

export {};
