"""Pixel passes: the work that touches every pixel of a frame, written twice, in C and in numpy, with equal results.

Each folder is one pass. `contract` says what the pass computes, `reference` does it in numpy, `compiled` calls the C
function of `device.kernels`; tests hold the two equal bit for bit. `detail` serves peaking and focus score, `display`
the zebras, `raw` raw clipping and raw shadow. `choose` gives the compiled pass where hqcam was installed with a C
compiler, else the reference. Only the assists of `device.analysis` import this; start with a `contract`.
"""
