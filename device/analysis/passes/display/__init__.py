"""The pass over the rendered picture: peaking mask and zebras into the overlay."""
