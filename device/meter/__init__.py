"""What is read off one frame when someone asks: the light, a grey to balance white by, and the focus.

`light_meter` and `grey_balance` work on a running session, each on the next live frame, which `one_frame` gets from the
camera thread. Their sums are pure and stand apart: `exposure_value` and `grey_gains`. `focus_meter` follows focus
scores and needs no session. Routes and commands import this room; it imports `analysis`, `preferences` and `session`.
Start with `light_meter`.
"""
