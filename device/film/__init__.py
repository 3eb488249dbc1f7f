"""The shots of a series to a film: an MP4 whose exposure steps and flicker are evened out, and whose dusk is left.

Start with `timelapse`. `evening` is the arithmetic, on levels alone; `levels` measures a picture and changes its light;
`encoder` is ffmpeg behind a pipe. The command line and the jobs import this room; it reads JPEGs through `develop`.
"""
