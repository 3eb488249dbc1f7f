"""The pass over the raw samples: raw clipping and raw shadow into the overlay."""
