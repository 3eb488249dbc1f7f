"""A frame as everyone sees it: JPEG, overlay, readings and metadata of one frame, made once however many watch.

`frame_copy` takes a frame out of the camera's buffers, on the camera thread. `view_thread` makes a `view` of it, and
hands it to whoever waits through a `slot`. `sizes` are the view's pictures and overlays for links of different rates,
`graphs` its histograms and scopes as bytes; `made_once` has each of these made by the first who asks. The session owns
the room; routes read the views. `time_code` is for measuring how late they are.
"""
