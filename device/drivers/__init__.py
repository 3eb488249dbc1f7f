"""Camera drivers: each keeps the contract of `base`, and is called by the session's camera thread alone.

`choose` turns `--camera` into a factory of drivers. `simulated` puts the pace of a real camera around the room
`simulator`; `replay` shows pictures from files; `picamera2` is the camera on a Raspberry Pi.
"""
