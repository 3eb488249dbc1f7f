"""The sharpness of a slanted edge in a picture: its spatial frequency response, MTF50, and why there is none.

The method is that of ISO 12233 (slanted-edge SFR): across an edge that lies askew on the sensor, its samples fall on
all places between pixels, so that its profile is sampled more densely than the pixels are. The spectrum of the
profile's slope is the response. Two steps differ from the standard's: a spline is fitted through the samples where
they are, instead of sorting them into bins and windowing the slope, and the fit's covariance gives the uncertainty.

Pure: samples in, values out. Start with `sfr`; `samples` says what is measured on, `finding` where the edge is, `fit`
and `spline` what its profile is, `diffraction` what a lens could give at most. `device.meter.sharpness` uses it.
"""
