"""Image sensors: the numbers of each. One sensor per file, every number with its unit and its source.

Start with `base`, the type of a sensor: modes, levels, noise, colour, tone curve. `imx477` is the one of the HQ Camera.
Simulator, assists and raw files take a `Sensor` as a value; nothing here reads a file or calls a camera.
"""
