"""Image sensors: what is known of each, in numbers. One sensor a file, every number with its unit and its source.

`base` says what a sensor is: modes, levels, noise, colour, tone curve. `imx477` is the one of the HQ Camera. Simulator,
assists and raw files take a `Sensor` as a value; nothing here reads a file or asks a camera.
"""
