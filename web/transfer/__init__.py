"""What leaves the camera as files: downloads that can be resumed, with the checksum of what was sent.

Routes call it on the web server's threads, one call for each request; it starts no thread of its own. `opened.py` is a
file as it was when it was opened, `download.py` the answer to a request for one.
"""
