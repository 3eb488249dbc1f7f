"""Defocus without a chart: how the spectrum of one scene changes while a lens is moved towards its sensor or away.

Start with `spectrum`, which measures a part of raw frames; `through_focus` then finds where the sensor was at each of
several measurements, and where it should be, and `tilt` how
it is tilted. All are pure.
"""
