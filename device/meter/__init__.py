"""Measurements on request: the light, the white balance from a grey object, the focus, and the sharpness of an edge.

`light_meter` and `grey_balance` work on a running session, each on the next live frame, which `one_frame` gets from
the camera thread. Their formulas are pure functions in `exposure_value` and `grey_gains`. `sharpness` measures the
edge at a point of a live frame or of a file; `back_focus` leads to the right distance between lens and sensor,
`back_focus_run` while a page looks on; `ring` takes the pictures that tell a ring's distance. `focus_meter` follows
focus scores and needs no session. Routes and commands import this room; it imports `analysis`, `preferences`, `raw`
and `session`. Start with `light_meter`.
"""
