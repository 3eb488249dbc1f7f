"""Drive modes: single, self-timer, bracket, interval, long exposure, burst and pre-capture, one per file.

Start with `drive`, which runs one mode at a time in a thread of its own. `mode` is the type of a mode; a `series` is
one mode in progress, with which the mode's function waits and shoots. `progress` is the state of a series that the
page, the API and the commands read; `manifest` is its record on the disk. `daily` has the windows of an interval and
`outline` says what it comes to. Every shot goes through
`device.captures.shot`. Routes and commands import this room.
"""
