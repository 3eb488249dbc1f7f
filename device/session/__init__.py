"""The camera while hqcam runs: one thread owns the driver, all others use it through the session.

Start with `session`: routes, commands and drive modes call it. `camera_thread` opens, runs and reopens the camera;
`watchdog` replaces that thread when it hangs, by `fair_clock`, which a busy machine slows down. `state` is what they
all share, under one lock. `jobs` is the queue of work for the camera thread; `loupe`, the magnified view, uses it.
`stored` reads the kept assist settings at the start.
"""
