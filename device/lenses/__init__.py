"""Lenses: their optics, and the profiles that name them in a file.

`optics` has the sums of blur and diffraction, for the simulator. `profiles` reads and writes the profiles of lenses as
text (`shipped.toml` are those that hqcam brings), `fitted` is a lens as it stands on the camera, for the files of a
shot. Which lens that is, and the owner's own profiles, is kept by `preferences`.
"""
