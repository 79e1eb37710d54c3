"""What CI runs: `make test`, and before it the programs that some tests need, where apt has them."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ["zsh", "fish", "tmux", "pgbouncer"]

FAKE_APT = """
PATH=/usr/bin:/bin
printf '%s\\n' "$*" >>"{folder}/asked"
for last in "$@"; do :; done
case " $* " in *" install "*) ;; *) exit 0 ;; esac
sh "{folder}/policy-rc.d" pgbouncer start; printf 'service %s\\n' "$?" >>"{folder}/asked"
echo noise; echo noise >&2
case " {refused} " in *" $last "*) exit 100 ;; esac
"""


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A PATH of root's, with the shell's tools and none of the programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "rm", "chmod", "timeout"):
        (folder / name).symlink_to(shutil.which(name) or "")
    script(folder / "id", "echo 0")
    return folder


def install(bin_folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(bin_folder), "POLICY_RC_D": str(bin_folder.parent / "policy-rc.d")}
    return subprocess.run(
        ["sh", ROOT / "tools" / "test_programs.sh"], env=environ, capture_output=True, text=True, check=False
    )


def fake_apt(bin_folder: Path, refused: str = "") -> None:
    script(bin_folder / "apt-get", FAKE_APT.format(folder=bin_folder.parent, refused=refused))


def asked(bin_folder: Path) -> list[str]:
    """The packages that apt was asked for."""
    lines = (bin_folder.parent / "asked").read_text().splitlines()
    return [line.split()[-1] for line in lines if " install " in line]


def test_ci_runs_make_test_after_installing_what_it_needs() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "sh tools/test_programs.sh", "make test"]


def test_only_missing_programs_are_installed(bin_folder: Path) -> None:
    fake_apt(bin_folder)
    script(bin_folder / "fish", "")
    done = install(bin_folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert asked(bin_folder) == ["zsh", "tmux", "pgbouncer"]


def test_nothing_is_asked_of_apt_when_nothing_is_missing(bin_folder: Path) -> None:
    fake_apt(bin_folder)
    for name in PROGRAMS:
        script(bin_folder / name, "")
    assert install(bin_folder).returncode == 0
    assert not (bin_folder.parent / "asked").exists()


@pytest.mark.parametrize("refused", [["fish"], PROGRAMS])
def test_a_failing_install_is_one_line_and_no_failure(bin_folder: Path, refused: list[str]) -> None:
    fake_apt(bin_folder, " ".join(refused))
    done = install(bin_folder)
    assert (done.returncode, done.stdout) == (0, "")
    (line,) = done.stderr.splitlines()
    assert f"apt could not install {' '.join(refused)};" in line
    assert asked(bin_folder) == PROGRAMS


@pytest.mark.parametrize("missing", ["root", "apt-get"])
def test_nothing_happens_without_root_or_apt(bin_folder: Path, missing: str) -> None:
    if missing == "root":
        fake_apt(bin_folder)
        script(bin_folder / "id", "echo 1000")
    done = install(bin_folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (bin_folder.parent / "asked").exists()


def test_no_service_starts_during_the_install_and_the_ban_goes_with_it(bin_folder: Path) -> None:
    fake_apt(bin_folder)
    install(bin_folder)
    services = [line for line in (bin_folder.parent / "asked").read_text().splitlines() if line.startswith("service")]
    assert services == ["service 101"] * len(PROGRAMS)
    assert not (bin_folder.parent / "policy-rc.d").exists()


def test_a_ban_that_was_there_before_stays(bin_folder: Path) -> None:
    fake_apt(bin_folder)
    policy = bin_folder.parent / "policy-rc.d"
    script(policy, "exit 101")
    install(bin_folder)
    assert policy.read_text() == "#!/bin/sh\nexit 101\n"
