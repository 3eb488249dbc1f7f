"""The pass over the raw samples: raw clipping and raw shadow go into the overlay. Start with `contract`."""
