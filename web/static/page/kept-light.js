/** Red light on the pages without settings, where this browser chose it: help, and the access code. Runs on those pages. */

import { SettingsStore } from "./browser-settings.js";

document.documentElement.dataset.light = new SettingsStore().values.light;
