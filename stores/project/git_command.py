"""The one place that starts git, to look at a repository that may be anybody's: nothing it configures is run.

A repository's configuration can name programs: a file-system monitor, hooks, a signature checker, filters, drivers for
differences, and the transports, helpers and far ends with which a partial clone fetches whatever is missing. Cloned or
unpacked, that configuration comes from somebody else, and looking must not run it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.programs.environment import allowed
from soundcheck.stores.programs.starting import wait_for

NO_LAZY_FETCH: Final = "GIT_NO_LAZY_FETCH"

_SET: Final = {
    # A promisor remote fetches what is missing, with its own `uploadpack`, `vcs` helper, `ext::` URL or ssh command.
    NO_LAZY_FETCH: "1",  # git 2.45
    "GIT_ALLOW_PROTOCOL": "none",  # every git: no transport is called `none`, and no `protocol.*.allow` outdoes it
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "LC_ALL": "C",
}
_CONFIGURATION: Final = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.askPass=",
    "core.sshCommand=false",
    "credential.helper=",
    "log.showSignature=false",
    "log.follow=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "diff.external=",
    "submodule.recurse=false",
    "maintenance.auto=false",
    "gc.auto=0",
)


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """How git ended, what it said, and its first line of complaint."""

    code: int
    output: bytes
    complaint: str


def ask_git(folder: Path, *arguments: str, asked: bytes = b"", seconds: float) -> GitAnswer:
    """Run git in `folder`. Blocking; raises `FileNotFoundError` without git, `OSError`, `subprocess.TimeoutExpired`.

    `asked` goes to its standard input, which is where anything secret belongs.
    """
    options = [word for setting in _CONFIGURATION for word in ("-c", setting)]
    done = wait_for(
        ["git", "--no-pager", *options, *arguments], allowed(os.environ, **_SET),
        cwd=folder, asked=asked, seconds=seconds,
    )  # fmt: skip
    complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
    return GitAnswer(done.returncode, done.stdout, complaint[0] if complaint else "")
