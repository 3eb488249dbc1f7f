"""The real camera through picamera2 and libcamera. The only room that imports them.

`driver` keeps the contract of `drivers.base`; `loop` runs picamera2's event loop, `buffers` and `streams` choose what
it allocates, `values` translates between libcamera's names and ours, `errors` says what went wrong in a builder's
words, `probe` looks for cameras without opening one. Import `driver` only where a picamera2 camera was chosen.
"""
