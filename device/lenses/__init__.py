"""Lenses: their optics, and the profiles from which the files of a shot get the lens's name.

`optics` has the formulas: fields, depth of field, diffraction, extension, equivalent focal length; `readout` has what
they come to for one lens on one sensor. `profiles` reads and writes lens profiles as text (the files of `catalogue/`
are the lenses that hqcam knows), `search` finds them by words that may be mistyped, `six_bit` a coded one by its dots;
`fitted` is the lens on the camera with its aperture; `ring` estimates the distance of its focus ring by breathing.
Which lens that is, and the owner's profiles, is stored by `preferences`, which also opens the catalogue. Any room above
may import it. Start with `profiles`.
"""
