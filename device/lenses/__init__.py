"""Lenses: pure optics, profiles and mounts."""
