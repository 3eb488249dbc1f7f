"""Conversions between layouts of pixel arrays: packed raw samples, YUV pictures, RGB to YUV and back.

All functions are pure and keep no state. `packed` converts between the packings of cameras and files, `yuv` crops and
halves pictures, `bt601` converts between RGB and YUV, `int16_pairs` makes numpy fast on every other number of an array,
`orientation` turns pictures and samples the right way up.
Any room may import it; it imports only `frame`, `bayer` and `errors`. Start with `yuv`.
"""
