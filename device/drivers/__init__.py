"""Camera drivers: one file each behind the contract of `base`."""
