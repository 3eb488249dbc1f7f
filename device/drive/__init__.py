"""Drive modes: one a file, each a plan that becomes shots and a manifest; one at a time, in its own thread."""
