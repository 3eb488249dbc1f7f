"""The acceptance run: does the attached camera do what hqcam relies on? Works on the driver contract alone.

A check takes the running camera and gives an `Outcome`, or raises `Failed`. What a camera cannot do (a replay has no
exposure) is not applicable, never passed.
"""

from __future__ import annotations

from device.selftest.outcome import Failed, NotApplicable, Outcome, Result
from device.selftest.runner import SelfTest, passed

__all__ = ["Failed", "NotApplicable", "Outcome", "Result", "SelfTest", "passed"]
