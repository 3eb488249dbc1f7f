"""These tests need the rig's environment: see environment.py. Without it they are not collected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

collect_ignore = (
    []
    if "HQCAM_RIG_PLATFORM" in os.environ
    else [
        "test_driver.py",
        "test_rig.py",
        "test_rig_faults.py",
        "test_rig_tuning.py",
        "test_selftest.py",
        "test_variants.py",
        "test_viewfinder.py",
    ]
)


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a file is a fault of the camera, for as long as it is there."""
    monkeypatch.setenv("HQCAM_RIG_FAULTS", str(tmp_path))
    return tmp_path
