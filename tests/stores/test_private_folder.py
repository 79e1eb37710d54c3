"""A folder of ours that others may write into, or exchange, is refused; what is usual is not."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from soundcheck.screens.cli import main
from soundcheck.stores import private_folder
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.prisma.install import ENGINE_VARIABLE, engines_folder
from soundcheck.stores.private_folder import refuse_shared
from soundcheck.stores.project.project import open_project

OTHER = 12345
"""A user and a group that nobody here is."""


def made(folder: Path, mode: int = 0o700) -> Path:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    return folder


def world_writable(top: Path) -> Path:
    return made(top / "home", 0o777)


def sticky_but_ours_to_be(top: Path) -> Path:
    return made(top / "home", 0o1777)


def written_by_a_group(top: Path) -> Path:
    folder = made(top / "home", 0o770)
    os.chown(folder, -1, OTHER)
    return folder


def below_a_world_writable_one(top: Path) -> Path:
    return made(made(top / "open", 0o777) / "home")


def not_there_yet_below_a_world_writable_one(top: Path) -> Path:
    return made(top / "open", 0o777) / "home" / "deeper"


def behind_a_link_in_a_world_writable_one(top: Path) -> Path:
    target = made(top / "target")
    link = made(top / "open", 0o777) / "home"
    link.symlink_to(target)
    return link


def a_link_to_a_world_writable_one(top: Path) -> Path:
    (top / "home").symlink_to(made(top / "open", 0o777))
    return top / "home"


def a_link_of_another(top: Path) -> Path:
    link = top / "home"
    link.symlink_to(made(top / "target"))
    os.lchown(link, OTHER, -1)
    return link


def of_another(top: Path) -> Path:
    folder = made(top / "home")
    os.chown(folder, OTHER, -1)
    return folder


def below_another_users(top: Path) -> Path:
    folder = made(made(top / "theirs", 0o755) / "home")
    os.chown(folder.parent, OTHER, -1)
    return folder


def a_link_without_end(top: Path) -> Path:
    (top / "home").symlink_to(top / "home")
    return top / "home" / "deeper"


SHARED = [
    world_writable, sticky_but_ours_to_be, written_by_a_group, below_a_world_writable_one,
    not_there_yet_below_a_world_writable_one, behind_a_link_in_a_world_writable_one, a_link_to_a_world_writable_one,
    a_link_of_another, of_another, below_another_users, a_link_without_end,
]  # fmt: skip


def private(top: Path) -> Path:
    return made(top / "home")


def readable(top: Path) -> Path:
    return made(top / "home", 0o755)


def not_there_yet(top: Path) -> Path:
    return top / "home" / "deeper"


def below_a_sticky_one(top: Path) -> Path:
    return made(made(top / "tmp", 0o1777) / "home")


def behind_a_link_of_ours(top: Path) -> Path:
    (top / "home").symlink_to(made(top / "target"))
    return top / "home"


ALONE = [private, readable, not_there_yet, below_a_sticky_one, behind_a_link_of_ours]


def needs_root(make: Callable[[Path], Path]) -> None:
    if os.geteuid() and "chown" in make.__code__.co_names + make.__code__.co_varnames:
        pytest.skip("only root gives files away")


@pytest.mark.parametrize("make", SHARED, ids=lambda make: make.__name__)
def test_what_others_may_change_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    needs_root(make)
    with pytest.raises(CouldNotRun) as refused:
        refuse_shared(make(tmp_path))
    assert "SOUNDCHECK_HOME" in refused.value.hint


@pytest.mark.parametrize("make", ALONE, ids=lambda make: make.__name__)
def test_what_is_ours_alone_is_taken(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    refuse_shared(make(tmp_path))


def test_a_group_of_ones_own_is_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "home", 0o770)
    facts = SimpleNamespace(st_mode=folder.stat().st_mode, st_uid=os.geteuid(), st_gid=OTHER)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_gid=OTHER, pw_name="ann"))
    for members, refused in (([], False), (["ann"], False), (["ann", "bob"], True)):
        group = SimpleNamespace(gr_name="ann", gr_mem=members)
        monkeypatch.setattr(grp, "getgrgid", lambda _, group=group: group)
        assert bool(private_folder._objection(folder, facts, is_ours=True)) is refused  # type: ignore[arg-type]
    monkeypatch.setattr(grp, "getgrgid", lambda _: SimpleNamespace(gr_name="staff", gr_mem=[]))
    assert private_folder._objection(folder, facts, is_ours=True)  # type: ignore[arg-type]


def test_the_cure_makes_it_right(tmp_path: Path) -> None:
    folder = world_writable(tmp_path)
    with pytest.raises(CouldNotRun) as refused:
        refuse_shared(folder)
    typed = refused.value.hint.removeprefix("Type: ").partition("   ")[0]
    assert typed == f"chmod o-w {folder}"
    folder.chmod(0o775 if os.getgid() == 0 else 0o755)
    refuse_shared(folder)


def test_every_command_refuses_such_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = world_writable(tmp_path)
    monkeypatch.setenv("SOUNDCHECK_HOME", str(home))
    project = made(tmp_path / "shop")
    for words in (["doctor"], ["setup", "--yes", "--local"], ["local", "up"], ["tables"], ["remove", "--yes"]):
        assert main([*words, "--project", str(project)]) == ExitCode.COULD_NOT_RUN
        assert "may be written by everybody (mode 0777)" in capsys.readouterr().err
    assert list(home.iterdir()) == []
    with pytest.raises(CouldNotRun):
        open_project(project)


def test_engines_that_others_may_exchange_are_not_run(tmp_path: Path) -> None:
    folder = world_writable(tmp_path)
    with pytest.raises(CouldNotRun) as refused:
        engines_folder(tmp_path, {ENGINE_VARIABLE: str(folder)})
    assert ENGINE_VARIABLE in refused.value.hint
