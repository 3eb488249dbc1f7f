"""`hqcam bench`: measures speed, age of the picture and memory on this machine, beside the values that are promised.

`start`, `live`, `burst` and `analysis` measure one thing each and give rows of figures. `served` starts a viewfinder to
be measured, in a process that it ends again. Start with `cli`, the command. Besides the command only benches in tests
import this room.
"""
