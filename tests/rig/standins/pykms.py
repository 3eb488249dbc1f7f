"""Stands in for the display library that picamera2 imports and, without a display, never uses."""


class PixelFormat:
    """Only its attributes are asked for."""

    BGR888 = MJPEG = NV12 = RGB888 = XBGR8888 = XRGB8888 = YUV420 = YVU420 = YUYV = YVYU = UYVY = VYUY = None
