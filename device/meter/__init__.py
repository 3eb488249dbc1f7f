"""What is read off one frame when someone asks: the light, a grey to balance white by, and the focus.

`light_meter` works on a running session, on a frame of its own; `exposure_value` and `grey_gains` are its pure sums;
`focus_meter` follows focus scores. Routes and commands import it.
"""
