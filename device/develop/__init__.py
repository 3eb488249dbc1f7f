"""Raw files to pictures, through LibRaw: JPEG, TIFF and contact sheets.

Start with `develop`. Only the command line imports it; it works without a camera.
"""
