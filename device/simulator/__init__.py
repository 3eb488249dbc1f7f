"""The simulated HQ camera: scene -> lens -> sensor -> ISP, physics in numpy, seeded.

Start with `stream`: one run of the camera, frame by frame; `timeline` has the times of the frames. The `scene` is
`layers` of light: a `photo` with its `depth`, or `builtin_scene` (`scenery` behind, `still_life` and colour `chart` in
front, painted with `texture`). `lens` projects it onto the `sensor`, whose raw samples `isp` turns into a picture
(`denoise_sharpen` changes a still's); `auto_exposure` and `white_balance` adapt to each frame. `renderer` computes one
frame; `workers` does it in separate processes (`worker_process`). `faults` has the scripted faults. Only the driver
`drivers.simulated` and tests use this room; the driver adds the clock and the driver contract.
"""
