/** Stylelint for the page's style sheets: `make lint`. */

export default {
  extends: ["stylelint-config-standard"],
  rules: {
    // `(width >= 1000px)` is not read by iPhones before iOS 16.4.
    "media-feature-range-notation": "prefix",
    // Safari still needs these.
    "property-no-vendor-prefix": [true, { ignoreProperties: ["appearance", "user-select"] }],
  },
};
