"""Lenses: their optics, and the profiles from which the files of a shot get the lens's name.

`optics` has the formulas of blur, diffraction and equivalent focal length. `profiles` reads and writes lens profiles as
text (`shipped.toml` has those that hqcam brings), `search` finds them by words that may be mistyped; `fitted` is the
lens on the camera with its aperture. Which lens that is, and the owner's profiles, is stored by `preferences`. Any room
above may import it. Start with `profiles`.
"""
