"""A project on a drive of Windows is told from one that only looks so."""

from pathlib import Path

import pytest

from soundcheck.checks.files.place import PLACE
from soundcheck.checks.finding import Status
from soundcheck.stores.project.folder_kind import on_windows_drive

WSL, DEBIAN = "5.15.167.4-microsoft-standard-WSL2", "6.1.0-29-amd64"


@pytest.mark.parametrize(
    ("path", "kernel", "expected"),
    [
        ("/mnt/c/Users/zoe/app/.env", WSL, True),
        ("/mnt/d/.env", WSL, True),
        ("/mnt/c/Users/zoe/app/.env", DEBIAN, False),
        ("/mnt/cloud/app/.env", WSL, False),
        ("/home/zoe/mnt/c/.env", WSL, False),
    ],
)
def test_a_windows_drive_is_mnt_and_a_letter_under_wsl(path: str, kernel: str, expected: bool) -> None:
    assert on_windows_drive(Path(path), kernel) is expected


def test_the_check_says_where_to_move_it() -> None:
    finding = PLACE.finding({"file": ".env", "exists": True, "windows_drive": True})
    assert finding.status is Status.WARN
    assert "drive of Windows" in finding.summary
    assert "~/projects" in finding.hint
