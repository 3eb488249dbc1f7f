"""What is kept over a restart: the settings file, and the lenses of the camera's owner.

Start with `store`, the file with its named sections; `owner_lenses` keeps the owner's lenses and which lens is on the
camera, `lens_catalogue` has the lenses that hqcam knows, `orientation` how the camera is mounted, `presets` what C1 to
C3 hold. The session, the light meter and the places for captures import this room and store their choices here.
"""
