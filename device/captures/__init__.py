"""Shots on the disk: taking one, naming and writing its files, reading them back, listing and deleting them.

`shot` is the way from the shutter to the disk; `storage` is a folder of captures, `places` which folder, `usb` the
drives that were plugged in; `shot_audit` looks at the files that were read back. Routes, commands and drive modes
import it.
"""
