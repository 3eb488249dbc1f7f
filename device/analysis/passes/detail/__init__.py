"""The passes of peaking and focus score: fine and coarse structure of blocks, their noise, the peaking mask."""
