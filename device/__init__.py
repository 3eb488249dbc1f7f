"""Everything that touches light: drivers, simulator, assists, raw files, storage, and the command line.

It works without a network and knows no HTTP; `web` imports it, never the other way round. Each folder is a room with
one subject, and its own text says who calls it. Rooms that only turn values into values touch no files, clocks or
threads.
"""

__version__ = "0.1.0"
