"""The pass over the shown picture: the peaking mask and the zebras go into the overlay. Start with `contract`."""
