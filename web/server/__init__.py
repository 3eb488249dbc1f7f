"""The HTTP server: one thread waits on all connections, a pool of threads runs the app.

It exists because a server on a network must not be stopped by who connects to it. A silent, slow or hostile client
costs a connection and a few kilobytes, never a thread: only a request that was read whole, within its limits, gets one,
and an answer that the client does not read waits without one. Start at `loop.py`; `request.py` says which requests are
taken, `limits.py` how much of everything there is, `crowd.py` who has to go when there are too many.

`web.serve` makes the server and runs it. Bytes of clients come and go in `connection.py` alone, so that TLS has one
place.
"""
