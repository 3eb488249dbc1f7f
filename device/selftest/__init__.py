"""The self-test: whether the attached camera does what hqcam relies on. `hqcam selftest` runs it.

A check takes the running camera, and gives what it `Measured` or raises `Failed` with a remedy. What this camera cannot
do, or what cannot be seen in its picture now, raises `NotApplicable`: that is never a pass. `contract` checks the
promises of `drivers.base`, `timing` pace and delay, `sensor` the raw samples, `files` a shot on the disk; `runner` runs
them all in order. The tests of the drivers run the same checks.
"""

from __future__ import annotations

from device.selftest.outcome import CheckResult, Failed, Measured, NotApplicable
from device.selftest.runner import SelfTest, passed

__all__ = ["Failed", "NotApplicable", "Measured", "CheckResult", "SelfTest", "passed"]
