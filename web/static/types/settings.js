/**
 * The settings that a user can change: what is asked of the camera, what it detects, and how this browser shows it.
 * Types only. Names with units as on the server: `_us`, `_ms`, `_mm`, `_m`, `_k`, `_ire`.
 */

/** @typedef {import("../declared/types.js").Assists} Assists */

/** @typedef {import("../declared/types.js").Controls} Controls */

/** @typedef {"histogram"|"raw"|"waveform"|"parade"|"vectorscope"} GraphName */

/** @typedef {"none"|"thirds"|"phi"|"diagonals"|"centre"} GuideLines */

/** @typedef {"none"|"3:2"|"1:1"|"16:9"|"2.39:1"} GuideMask */

/** @typedef {"own"|"full"|"super35"|"super16"|"6x6"} FrameFormat */

/** @typedef {"red"|"yellow"|"green"|"cyan"|"magenta"|"white"} PeakingColour */

/** @typedef {"own"|"clean"|"essentials"|"everything"} Display What lies over the picture, and beside it. */

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
 * @property {string} frameLines Focal lengths in millimetres, `25 35 50`; "" for none.
 * @property {FrameFormat} frameFormat Of the sensor or film that these lenses stand before.
 * @property {GraphName} graph The graph that is shown.
 * @property {boolean} level The device's own level over the picture.
 * @property {0|1|2|3} brightEv How much brighter this screen shows the picture, for composing.
 * @property {boolean} falseColour
 * @property {"ire"|"stops"} falseScale
 * @property {Display} display "own": what the user switched by hand.
 * @property {string} panel The control that is open in the tools.
 * @property {boolean} shutterSound Whether a release sounds on this device.
 * @property {"off"|"2"|"5"|"hold"} review For how many seconds the picture is shown after a shot.
 * @property {"off"|"jpeg"|"raw+jpeg"} sendNew Which files of new shots are sent to this phone by themselves.
 * @property {"original"|"2048"|"1080"} sendSize The long edge of JPEGs that are sent, shared and downloaded one by one.
 * @property {boolean} sendMetadata Whether they have their metadata.
 * @property {boolean} viewerPeaking Where a picture that is shown whole is sharp.
 * @property {boolean} viewerMarks Histogram and clipped areas of a picture that is shown whole.
 * @property {"right"|"left"} hand The hand that holds the device.
 * @property {"all"|"red"} light Of the whole page; red at night.
 */

/** @typedef {"C1"|"C2"|"C3"} PresetSlot */

/**
 * @typedef {object} Preset How everything was set, to be set like that again.
 * @property {string} name
 * @property {Partial<Controls>} controls
 * @property {Partial<Assists>} assists
 * @property {Partial<BrowserSettings>} display
 * @property {{mode?: string, settings?: Record<string, any>}} drive
 */

export {};
