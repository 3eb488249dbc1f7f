"""Raw files and pictures as bytes: DNG, JPEG, TIFF, Exif and XMP, written and read back.

Everything here takes values and gives values, and knows no camera, clock or thread; `files` alone opens paths. Any room
above may import it. Start with `dng_writer` and `jpeg` for what is written of a shot (`shot_metadata`), with `decode` for
what is read, and with `file_checks` for whether a file holds what the shot was.
"""
