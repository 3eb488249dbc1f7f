"""How values are written for people, on the command line and in plans. Pure."""

from __future__ import annotations


def exposure_text(exposure_us: float) -> str:
    """Format an exposure as photographers read it: 1/125 s, 1.3 s.

    >>> exposure_text(8000.0), exposure_text(1_300_000), exposure_text(500_000)
    ('1/125 s', '1.3 s', '1/2 s')
    """
    seconds = exposure_us / 1e6
    if seconds >= 0.6:
        return f"{seconds:.3g} s"
    return f"1/{1 / seconds:.0f} s" if seconds > 0 else "0 s"
