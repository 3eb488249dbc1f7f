"""What leaves the camera as files: downloads that can be resumed, with their checksum, and copies to give away.

Routes call it on the web server's threads, one call for each request; only a zip has a thread of its own. `opened.py`
is a file as it was when it was opened, `download.py` the answer to a request for one, `copies.py` that for a smaller
one or one without metadata, `zip.py` that for many, read by the thread of `ahead.py`.
"""
