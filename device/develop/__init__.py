"""Raw files to pictures, through LibRaw: JPEG, TIFF and contact sheets.

Start with `batch` for many files, and with `picture` for one of them. `settings` declares how a file is developed,
`encode` makes the file bytes of a developed picture, `contact_sheet` a page of many small ones; `repair` makes the
missing JPEG of a capture. The command line and the start of the server import this room; it works without a camera.
"""
