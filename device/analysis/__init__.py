"""The assists: focus peaking and score, zebras, raw clipping, exposure, histogram, scopes, spot meter, false colour.

Each file is one assist, and each is a pure function of one frame's own pixels: no files, clocks, threads or logs. Start
with `analyser`, which runs all that the `settings` ask for on one `subject` and gives `readings` and an `overlay`.
Loops over every pixel are in `passes`: the assist gives the levels, the pass finds the pixels to light. `edges`
measures the sharpness of one edge, `magnification` compares the scale of two pictures, when someone asks. Any room
above may import this one; it imports only `frame`, `bayer`, `errors`, `settings`, `pixels`, `sensors` and `kernels`.
"""
