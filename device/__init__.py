"""The camera itself: drivers, simulator, assists, raw files, storage, and the command line.

It works without a network and contains no HTTP; `web` imports it, never the other way round. Each folder is a room with
one subject; the text of its `__init__` says who imports it and where to start. Rooms that only compute values from
values touch no files, clocks or threads.
"""

__version__ = "0.1.0"
