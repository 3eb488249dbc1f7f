"""Views: JPEG, overlay, readings and metadata of one frame, made once for all viewers.

Start with `view`. `frame_copy` copies a frame out of the camera's buffers, on the camera thread. `view_thread` makes a
`view` of it, and passes it to all that wait through a `slot`. `sizes` makes the view's pictures and overlays for links
of different rates, `graphs` turns its histograms and scopes into bytes; `made_once` computes each of these on first
request. The session owns the view thread; routes read the views. `time_code` is for measuring the latency.
"""
