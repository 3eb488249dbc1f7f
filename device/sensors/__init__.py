"""One sensor per file; every number with its unit and source."""
