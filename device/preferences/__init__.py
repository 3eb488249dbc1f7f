"""What the camera remembers over a restart: the settings file, and the lenses of its owner.

`store` is the file with its named sections; `owner_lenses` keeps the lens profiles and which lens is on the camera. The
session, the light meter and the places of captures keep their choices here.
"""
