"""The folder of captures for WebDAV clients (RFC 4918, class 1), read-only: a computer or an app mounts the card.

`shown.py` finds what is shown of the folder, and never leaves it; `propfind.py` reads what a client asks of it, and
writes the answer while it is sent. `web.routes.dav` answers with them, and sends files as all downloads are sent
(`web.transfer`). It starts no thread and keeps nothing between two requests.
"""
