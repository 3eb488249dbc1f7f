"""Everything that touches light: drivers, simulator, assists, raw files, storage. Knows no HTTP."""

__version__ = "0.1.0"
