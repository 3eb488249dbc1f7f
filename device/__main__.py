"""`python -m device` is `hqcam`."""

from device.cli import main

main()
