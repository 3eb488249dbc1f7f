"""Arrays of samples and the moves between their layouts: packed raw, YUV pictures, RGB to YUV. Pure and without state.

Any room may import it; it imports only `frame`, `bayer` and `errors`. Start with `yuv` (pictures) or `packed` (raw
samples).
"""
