"""The assists: one per file, each a pure function of one frame's own pixels. No files, clocks, threads or logs."""
