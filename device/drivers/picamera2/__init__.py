"""The real camera through picamera2 and libcamera. The only room that imports them.

Start with `driver`, which keeps the contract of `drivers.base`; only `drivers.choose` imports it, for a picamera2
camera. `library` imports picamera2, `loop` runs its event loop, `streams` configures its streams, and `buffers` maps
their memory. `describe`, `modes`, `controls`, `metadata` and `planes` convert between its values and ours; they need no
camera. `tuning` finds the file by which libcamera renders. `errors` turns its errors into ours, with remedies. `probe`
lists cameras in a separate process, for the doctor.
"""
