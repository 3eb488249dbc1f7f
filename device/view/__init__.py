"""A frame as everyone sees it: JPEG, overlay, readings and metadata of one frame, made once however many watch.

`view_thread` runs in the session's view thread and makes views of the frames that it is offered, `view` is one of them,
`sizes` are its pictures and overlays for links of different rates, `slot` hands the newest to whoever waits. The
session owns it; routes read it.
"""
