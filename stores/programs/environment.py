"""The environment of a program that we start: only what is named here, unless a person had the program run.

A shell in which one develops is full of other people's credentials, and of variables that steer a driver, a runtime
or a loader. So what a program gets to see is a list of what it may, not of what it may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from soundcheck.stores.programs.search_path import lasting_path

_NAMES: Final = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TEMP", "TMP",
    "LANG", "LANGUAGE", "TZ", "TERM", "COLORTERM", "NO_COLOR",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
})  # fmt: skip
"""Where programs and homes are, language, terminal, libraries, and the way to the network: no name holds a secret of
a store. A proxy's address may hold the proxy's own password, which whoever uses the proxy needs."""

_PATHS: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")

_BEGINNINGS: Final = ("LC_",)

NPM: Final = ("npm_config_", "NPM_CONFIG_")
"""What npm reads its registry and its token from."""

DISPLAY: Final = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS")
"""What a program needs to reach the desktop, as its clipboard."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What a program gets to see. `allowed` makes it, and `whole` where a person had the program run."""

    variables: Mapping[str, str] = field(repr=False)

    def setting(self, **more: str) -> Environment:
        """The same with some variables set."""
        return Environment({**self.variables, **more})


def allowed(environ: Mapping[str, str], *more: str, only: Iterable[str] | None = None, **setting: str) -> Environment:
    """What of `environ` any program may see, and what is set for this one.

    `more` are names, or beginnings that end in `_`, which this program may see too; `only` narrows the list to some
    of its names. Of each list of folders, the PATH and the loader's, the lasting part is left.
    """
    names = _NAMES if only is None else _NAMES & frozenset(only)
    beginnings = (*(_BEGINNINGS if only is None else ()), *(one for one in more if one.endswith("_")))
    kept = {
        name: value
        for name, value in environ.items()
        if name in names or name in more or (beginnings and name.startswith(beginnings))
    }
    lasting = {name: lasting_path(kept[name]) for name in _PATHS if name in kept}
    return Environment(kept | lasting | setting)


def whole(environ: Mapping[str, str], **setting: str) -> Environment:
    """All of it, for the person's own program, which they had us run: it sees what it would see in their shell."""
    return Environment({**environ, **setting})
