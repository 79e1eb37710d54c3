"""Whether a process of ours is the one that listens on a loopback port."""

from __future__ import annotations

import os
import sys

import psutil

from soundcheck.stores.local.listening_sockets import listening_socket
from soundcheck.stores.local.ports import HOST
from soundcheck.stores.local.process_identity import ProcessIdentity


def listens(process: ProcessIdentity | None, port: int) -> bool:
    """Whether this very process (pid, name and start time) has the listening socket of `HOST` and `port`.

    A socket on the address itself takes every connection to it, whoever else listens on all addresses.
    """
    if process is None or not process.is_alive:
        return False
    look = _on_linux if sys.platform == "linux" else _elsewhere
    return look(process.pid, port) and process.is_alive


def _on_linux(pid: int, port: int) -> bool:
    """Whether the process has that socket open.

    Root in a container may not look into a process of another user (CAP_SYS_PTRACE), as PostgreSQL is there: then the
    socket's user has to do.
    """
    try:
        found = listening_socket(HOST, port)
        if found is None:
            return False
        try:
            return _has_open(pid, f"socket:[{found.inode}]")
        except PermissionError:
            return found.uid == psutil.Process(pid).uids().effective
    except (psutil.Error, OSError):
        return False


def _has_open(pid: int, target: str) -> bool:
    for entry in os.scandir(f"/proc/{pid}/fd"):
        try:
            if os.readlink(entry.path) == target:  # noqa: PTH115 - a link that leads to no path
                return True
        except FileNotFoundError:  # closed meanwhile
            continue
    return False


def _elsewhere(pid: int, port: int) -> bool:
    """Where the system does not tell (macOS in a sandbox), the living process alone counts."""
    try:
        sockets = psutil.Process(pid).net_connections("tcp4")
    except psutil.AccessDenied:
        return True
    except (psutil.Error, OSError):
        return False
    return any(one.status == psutil.CONN_LISTEN and one.laddr == (HOST, port) for one in sockets)
