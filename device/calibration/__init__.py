"""What a camera is measured to be, from its raw frames alone: noise, black level, hot photosites, unequal response.

Start with `frames`, what all take; `cap` reads frames that no light reached, `photon_transfer` and `fixed_pattern`
those of an even white. `checks` refuse what cannot be measured from, with the reason. `profile` is what is found, as
values and as plain JSON, and puts it in the place of the sensor's published numbers.
"""
