"""Camera drivers: each keeps the contract of `base`, and is called by the session's camera thread alone.

Start with `base`. `choose` turns `--camera` into a factory of drivers. `simulated` runs the room `simulator` at the
pace of a real camera; `replay` shows pictures from files; `picamera2` is the camera on a Raspberry Pi. Session,
commands, self-test and benches import `base` and `choose`; only `choose` imports a driver.
"""
