"""The self-test: whether the attached camera does what hqcam relies on. `hqcam selftest` runs it.

Start with `runner`, which runs all checks in order. A check is a function: it takes the running camera, and returns
what it `Measured` or raises `Failed` with a remedy (see `outcome`). When this camera cannot do what is checked, or its
present picture does not show it, the check raises `NotApplicable`, which is never a pass. `contract` checks the rules
of `drivers.base`, `timing` pace and delay, `sensor` the raw samples, `files` a shot on the disk. `report_file` packs
what was found for a bug report. Only the command imports this room; the tests of the drivers run the same checks.
"""

from __future__ import annotations

from device.selftest.outcome import CheckResult, Failed, Measured, NotApplicable
from device.selftest.runner import SelfTest, passed

__all__ = ["Failed", "NotApplicable", "Measured", "CheckResult", "SelfTest", "passed"]
