"""The simulated HQ camera: scene -> lens -> sensor -> ISP, physics in numpy, seeded.

`stream` is one run of the camera, and makes each frame with all the others; `timeline` says when frames happen. The
`scene` is `layers` of light: a `photo` with its `depth`, or `builtin_scene` (`scenery` behind, `still_life` and colour
`chart` in front, painted with `texture`). `lens` projects it onto the `sensor`, whose raw samples `isp` turns into a
picture (`denoise_sharpen` a still's); `auto_exposure` and `white_balance` learn from each frame. `renderer` does that
work for one frame, and `workers` has processes (`worker_process`) do it. `faults` is what breaks on purpose. The driver
`drivers.simulated` puts a clock and the contract around all that.
"""
