"""Telling USB drives from everything else that is mounted, on a made-up system."""

from pathlib import Path

import pytest

from device.captures.usb import UsbDrive, usb_drives

MOUNTS = """\
22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw
23 22 179:1 / /boot/firmware rw,relatime - vfat /dev/mmcblk0p1 rw
40 22 8:1 / /media/pi/My\\040Stick rw,nosuid,nodev shared:20 - vfat /dev/sda1 rw,fmask=0022
41 22 8:17 / /media/pi/DISK rw,nosuid - exfat /dev/sdb1 rw
42 22 8:33 / /media/pi/LOCKED ro,nosuid - iso9660 /dev/sdc1 ro
43 22 0:50 / /mnt/share rw - cifs //nas/share rw
44 22 8:49 / /mnt/sata rw - ext4 /dev/sdd1 rw
45 22 8:1 /sub /media/pi/My\\040Stick rw - vfat /dev/sda1 rw
broken
"""


@pytest.fixture
def system(tmp_path: Path) -> Path:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(MOUNTS)
    blocks = tmp_path / "sys/dev/block"
    blocks.mkdir(parents=True)
    hardware = {
        "179:2": "platform/mmc/mmcblk0/mmcblk0p2",
        "179:1": "platform/mmc/mmcblk0/mmcblk0p1",
        "8:1": "platform/xhci/usb1/1-1/1-1:1.0/host0/sda/sda1",
        "8:17": "platform/xhci/usb2/2-1/host1/sdb/sdb1",
        "8:33": "platform/xhci/usb2/2-2/host2/sdc/sdc1",
        "8:49": "platform/ahci/host3/sdd/sdd1",
    }
    for number, place in hardware.items():
        folder = tmp_path / "sys/devices" / place
        folder.mkdir(parents=True)
        (blocks / number).symlink_to(folder)
    return tmp_path


def test_usb_drives_are_found_and_nothing_else(system: Path) -> None:
    assert usb_drives(system) == [
        UsbDrive("DISK", Path("/media/pi/DISK")),
        UsbDrive("My Stick", Path("/media/pi/My Stick")),
    ]
    assert usb_drives(system)[1].folder == Path("/media/pi/My Stick/hqcam")


def test_a_pi_that_was_started_from_usb_does_not_offer_its_system(system: Path) -> None:
    file = system / "proc/self/mountinfo"
    file.write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:17 / /boot/firmware rw - vfat /dev/sdb1 rw\n")
    assert usb_drives(system) == []


def test_a_system_without_the_list_has_none(tmp_path: Path) -> None:
    assert usb_drives(tmp_path) == []
