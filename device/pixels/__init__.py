"""Arrays of samples and the moves between their layouts: packed raw, YUV pictures, RGB to YUV and back.

All functions are pure and keep nothing. `packed` has raw samples as cameras and files pack them, `yuv` crops and halves
pictures, `bt601` goes between RGB and YUV, `int16_pairs` helps numpy to go fast over every other number. Any room may
import it; it imports only `frame`, `bayer` and `errors`. Start with `yuv`.
"""
