"""Captures, the shots on the disk: taking one, naming and writing its files, reading them back, listing, deleting.

Start with `shot`, the way from the shutter to the disk. `storage` is a folder of captures (`capture` is one of them);
`order` is the order in which they were taken, whatever the clock said, and `catalogue` lists them in it. `places` tells
which folder, `usb` the drives that were plugged in; `shot_audit` checks the files that were read back,
`taken_times` corrects their times. Routes,
commands, drive modes and the self-test import it.
"""
