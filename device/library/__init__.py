"""The captures of a folder as people look at them: a series as one, filtered by star, files, verdict and lens.

Start with `listing`. Routes import it; it imports `captures`, the manifests of `drive`, and what `raw` reads of a file.
"""
