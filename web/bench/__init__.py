"""`hqcam bench`: measures what is promised of speed, age of the picture and memory, on this machine.

`start`, `live`, `burst` and `analysis` measure one thing each and give rows of figures. `served` runs a viewfinder of
its own to be measured, in a process that it ends again. Only the command imports this room.
"""
