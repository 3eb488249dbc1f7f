"""The passes of peaking and focus score: fine and coarse structure of blocks, the noise around them, the peaking mask.

Start with `contract`. `reference` has the passes over pixels in numpy, `reference_blocks` those over blocks and
`reference_mask` the peaking mask; `compiled` calls `detail.c` and `blocks.c`.
"""
