"""Takes the frames of a calibration from the camera of a session and makes a profile of them.

Start with `camera_run`: the two steps of `hqcam calibrate camera` and of the page, one with the cap on, one with white
paper. What is measured is `device.calibration`; who keeps it, `device.preferences.owner_calibrations`.
"""
