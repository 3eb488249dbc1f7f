"""Raw files and pictures as bytes: DNG, JPEG, TIFF, Exif and XMP, written and read back.

Everything here takes values and gives values, and uses no camera, clock or thread; only `files` opens paths. Any room
above may import it. To write a shot, start with `dng_writer` and `jpeg`, which take its `shot_metadata`. To read a
file, start with `decode`; to check whether a file holds what the camera delivered, with `file_checks`.
"""
