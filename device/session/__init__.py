"""The camera while hqcam runs: one thread owns the driver, everyone else asks the session.

Start with `session`: it is what routes, commands and drive modes speak to. `camera_thread` opens, runs and reopens the
camera; `watchdog` replaces that thread when it hangs. `state` is what they all share, under one lock. `jobs` is work
for the camera thread, and `loupe`, the magnified part, is made of such jobs.
"""
