"""The wheel holds everything: installed elsewhere and run from another folder, it is the same program."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import jsonschema
import pytest
from engine_fixture import engine_folder  # noqa: F401
from wheels_fixture import Wheels, build, wheels  # noqa: F401

ROOT = Path(__file__).parents[2]
INSTALL = ("install", "-q", "--no-deps", "--no-index")


@pytest.fixture(scope="module")
def site(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """The wheels, installed into a folder of their own."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", *INSTALL, "--target", target, wheels.console, wheels.cache]
    subprocess.run(pip, check=True, capture_output=True)
    return target


def test_a_wheel_from_the_source_archive_is_the_same(wheels: Wheels, tmp_path: Path) -> None:  # noqa: F811
    """The rooms are links in a checkout: an archive has to hold what they lead to, once."""
    build(tmp_path, ".")
    (again,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheels.console) as one, zipfile.ZipFile(again) as other:
        assert set(one.namelist()) == set(other.namelist())


def run(site: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(site), "SOUNDCHECK_HOME": str(cwd / "home")}
    return subprocess.run(
        [site / "bin" / "soundcheck", *words], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def test_the_command_runs_from_another_folder(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, "soundcheck 0.1.0\n"), done.stderr


def test_the_version_is_the_one_of_the_package() -> None:
    import tomllib

    import soundcheck

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == soundcheck.__version__


def test_its_modules_are_the_wheel_s_own(site: Path, tmp_path: Path) -> None:
    code = "from soundcheck import screens, stores; print(stores.__file__); print(screens.__file__)"
    environ = {**os.environ, "PYTHONPATH": str(site)}
    out = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert all(line.startswith(str(site)) for line in out.stdout.splitlines())


@pytest.mark.parametrize("part", ["node", "node_query_engine"])
def test_the_schema_and_the_node_parts_travel(site: Path, part: str) -> None:
    assert (site / "soundcheck" / "stores" / "prisma" / "schema.prisma").read_bytes() == (
        ROOT / "schema.prisma"
    ).read_bytes()
    here = {p.name for p in (ROOT / "stores" / "prisma" / part).iterdir() if p.name != "node_modules"}
    there = {p.name for p in (site / "soundcheck" / "stores" / "prisma" / part).iterdir()}
    assert {"package.json", "package-lock.json", ".npmrc"} <= there
    assert here == there


def test_styles_travel(site: Path) -> None:
    here = sorted(p.relative_to(ROOT) for p in (ROOT / "screens").rglob("*.tcss"))
    assert here
    assert here == sorted(p.relative_to(site / "soundcheck") for p in (site / "soundcheck" / "screens").rglob("*.tcss"))


def test_the_published_json_schemas_travel(site: Path) -> None:
    here = {p.name: p.read_bytes() for p in (ROOT / "docs" / "json").glob("*.json")}
    assert here
    assert {p.name: p.read_bytes() for p in (site / "soundcheck" / "screens" / "json").iterdir()} == here


def test_one_name_is_installed(site: Path) -> None:
    names = {p.name for p in site.iterdir() if not p.name.endswith(".dist-info")}
    assert names == {"soundcheck", "bin"}


def test_a_command_works_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "local", "status", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["postgres"]["state"] in {"down", "absent"}


@pytest.fixture(scope="module")
def tool(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """The command on a bin folder, as `uv tool install` and `pipx install` leave it: a link into an environment of
    its own. What Soundcheck rests on is lent to it by the tests' environment; its own code it has from the wheels.
    """
    folder = tmp_path_factory.mktemp("tool")
    environment = folder / "tools" / "soundcheck-console"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, *INSTALL, wheels.console, wheels.cache]
    subprocess.run(pip, check=True, capture_output=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    # A path in a .pth file lends modules only: the .pth files there, and with them this checkout, are not read.
    lent = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (packages / "lent.pth").write_text("\n".join(lent) + "\n")
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "soundcheck").symlink_to(environment / "bin" / "soundcheck")
    return bin_folder / "soundcheck"


def use(tool: Path, project: Path, home: Path, engine: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as a person would, by its name alone."""
    environ = {
        "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8",
        "SOUNDCHECK_ENGINE": str(engine),
    }  # fmt: skip
    return subprocess.run(
        ["soundcheck", *words], cwd=project, env=environ, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def test_installed_as_a_tool_it_sets_up_a_project_and_checks_it(
    tool: Path,
    tmp_path: Path,
    engine_folder: Path,  # noqa: F811
) -> None:
    project, home = tmp_path / "music-app", tmp_path / "home"
    project.mkdir()
    home.mkdir()
    engines = {path.name for path in engine_folder.iterdir()}

    def soundcheck(*words: str) -> subprocess.CompletedProcess[str]:
        return use(tool, project, home, engine_folder, *words)

    assert soundcheck("--version").stdout == "soundcheck 0.1.0\n"
    try:
        done = soundcheck("setup", "--local", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "All 9 criteria are met." in done.stdout
        assert "`soundcheck doctor`" in done.stdout, "by its name alone, as it is on the PATH"
        assert str(ROOT) not in done.stdout
        checked = soundcheck("doctor", "--json")
        assert checked.returncode == 0, checked.stdout
        document = json.loads(checked.stdout)
        published = next(
            (tool.resolve().parents[1]).glob("lib/python*/site-packages/soundcheck/screens/json/doctor.schema.json")
        )
        jsonschema.validate(document, json.loads(published.read_text()))
    finally:
        assert soundcheck("local", "down").returncode == 0
    assert {path.name for path in engine_folder.iterdir()} == engines, "its .mjs files are those of the checkout"
    assert "complete -o filenames" in soundcheck("completion", "bash").stdout


@pytest.mark.parametrize(
    ("installer", "words", "folders"),
    [
        (
            "uv",
            ("tool", "install", "--python", sys.executable, "--find-links", "{folder}"),
            ("UV_TOOL_DIR", "UV_TOOL_BIN_DIR"),
        ),
        (
            "pipx",
            ("install", "--python", sys.executable, "--pip-args=--find-links={folder}"),
            ("PIPX_HOME", "PIPX_BIN_DIR"),
        ),
    ],
)
def test_the_installers_themselves_put_it_on_a_bin_folder(
    wheels: Wheels,  # noqa: F811
    tmp_path: Path,
    installer: str,
    words: tuple[str, ...],
    folders: tuple[str, str],
) -> None:
    """Where they are installed: they fetch what it rests on. The words are those of the README, after `make wheels`."""
    program = shutil.which(installer)
    if program is None:
        pytest.skip(f"{installer} is not installed")
    places = {name: str(tmp_path / name) for name in folders}
    environ = {**os.environ, **places}
    spelled = [word.format(folder=wheels.folder) for word in words]
    subprocess.run(
        [program, *spelled, "soundcheck-console"], cwd=tmp_path, env=environ, check=True, capture_output=True
    )
    done = subprocess.run(
        [Path(places[folders[1]]) / "soundcheck", "--version"], cwd=tmp_path, env=environ,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "soundcheck 0.1.0\n"), done.stderr
