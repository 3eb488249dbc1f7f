"""The camera while hqcam runs: one thread owns the driver, everyone else asks the session.

Start with `session`: it opens, restarts and watches the camera, and is what routes, commands and drive modes speak to.
`jobs` is work for the camera thread, `loupe` the magnified part, `status` how the camera is doing, `stored` what a
session begins with.
"""
