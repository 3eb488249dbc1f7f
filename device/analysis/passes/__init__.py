"""Passes over every pixel of a frame, each in C and in numpy with the same outcome bit for bit.

A folder a pass: `contract` says what it does, `reference` does it in numpy, `compiled` calls the kernel in C. `choose`
gives the fastest there is. The assists of `analysis` call them; nothing else does.
"""
