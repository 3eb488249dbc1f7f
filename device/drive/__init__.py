"""Drive modes: single, self-timer, bracket, interval, long exposure, burst and pre-capture, one a file.

Start with `drive`, which runs one mode at a time in a thread of its own. `mode` says what a mode is; `series` is one
mode in progress: the mode's function waits and shoots with it. `progress` is what the page, the API and the commands
read of a series, and `manifest` is what is left of it on the disk. Every shot goes through `device.captures.shot`.
Routes and commands import this room.
"""
