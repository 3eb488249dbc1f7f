"""Sends pictures from the camera to other places in the background: WebDAV, Immich, PhotoPrism, a folder.

Start with `uploader`: its thread lets each destination (`lane`) send one file at a time. Which files wait follows from
the rules of the destination, the captures and the journal of what has arrived (`waiting`). `senders` makes the one for
each kind; each brings a file whole, compares its sum at the destination, and never replaces anything there. Nothing
here changes or deletes a picture of the camera. Called by the server and by `hqcam upload`.
"""
