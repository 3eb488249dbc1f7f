"""The real camera through picamera2 and libcamera. The only room that imports them.

Import `driver` only where a picamera2 camera was chosen: it keeps the contract of `drivers.base`. `library` imports
picamera2, `loop` runs its event loop, `streams` chooses what it allocates, and `buffers` maps that memory. `describe`,
`modes`, `controls`, `metadata` and `planes` translate between its values and ours, and need no camera. `errors` says
in a builder's words what went wrong. `probe` lists cameras in a process of its own, for `hqcam doctor`.
"""
