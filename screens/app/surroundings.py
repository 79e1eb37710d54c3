"""What others change around the app: the profile in `soundcheck.toml`, the env file, the local stack. Asks no store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.stack_news import StackNews
from soundcheck.screens.app.start import Place
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.local.standing import StackStanding
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.project import profile_now

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

EVERY: Final = 2.0
"""Seconds between two looks at some files and processes, while somebody looks at the screen."""


class Surroundings:
    """Follows them. Calls `back` when a store of the local stack runs again."""

    def __init__(self, app: Shell, *, back: Callable[[], Any]) -> None:
        self._app = app
        self._back = back
        self._seen: dict[Path, tuple[int, ...]] = {}
        """The files as they were at the last look."""

    def listen(self) -> None:
        """From now on; what the files say by now is in use already."""
        project = self._app.services.project
        for path in (project.root / CONFIG_NAME, project.env_file):
            self._has_changed(path)
        later.every(self._app, EVERY, self._tick)
        self._app.activity.listen(later.while_open(self._app, self._tick))

    def _tick(self) -> None:
        if not self._app.activity.pause_reason:
            self.look()

    def look(self) -> None:
        """Look now."""
        if self._app.start.just_looking:
            return
        self.look_at_profile()
        self._look_at_env_file()
        self.look_at_stack()

    # ── files ──

    def look_at_profile(self) -> None:
        """Follow what the profile is for: whoever writes next is guarded by what the file says now."""
        services = self._app.services
        project = services.project
        if not self._has_changed(project.root / CONFIG_NAME):
            return
        try:
            profile = profile_now(project)
        except (SoundcheckError, OSError):
            return  # half written, or broken: what was read before holds
        if profile != project.profile:
            self._app.services = replace(services, project=replace(project, profile=profile))

    def _look_at_env_file(self) -> None:
        """A store that was set up meanwhile is used; one that is in use stays, until it fails or somebody asks."""
        from soundcheck.wizard.discover import discover

        services = self._app.services
        if not self._has_changed(services.project.env_file) or self._app.current_mode == Place.SETUP:
            return
        held, found = services.credentials, discover(services.project, services.environ).credentials
        if (found.has_database and not held.has_database) or (found.has_cache and not held.has_cache):
            self._app.follow_moved_stores()

    def _has_changed(self, path: Path) -> bool:
        """Whether it is another file, or holds something else, than at the last look; False at the first one."""
        try:
            found = path.stat()
        except OSError:
            now: tuple[int, ...] = ()
        else:
            now = found.st_mtime_ns, found.st_size, found.st_ino
        before, self._seen[path] = self._seen.get(path), now
        return before is not None and before != now

    # ── the local stack ──

    def look_at_stack(self) -> None:
        """Start again what has ended by itself; leave alone what was stopped."""
        app = self._app
        urls = app.services.credentials.database_url, app.services.credentials.rest_url
        if not any(url is not None and url.is_loopback for url in urls) or not self._is_open:
            return
        before, now = app.stack, self._stack()
        if now.standing is StackStanding.BETWEEN or (now.standing, now.ended) == (before.standing, before.ended):
            return
        app.stack = now
        if now.standing is StackStanding.ENDED:
            self.start_stack()
        elif before.is_down and now.standing is StackStanding.UP:
            app.follow_moved_stores()
            self._back()

    @property
    def _is_open(self) -> bool:
        """Whether the clients are there: opening them starts a stack that sleeps."""
        return self._app.services.database is not None or self._app.services.cache is not None

    def _stack(self) -> StackNews:
        from soundcheck.stores.local.stack import LocalStack
        from soundcheck.wizard.setup.local_step import local_halves

        project = self._app.services.project
        try:
            halves, stand = local_halves(project, self._app.services.credentials), LocalStack(project.local).stand()
        except SoundcheckError:
            return StackNews()
        return StackNews(halves, stand.standing, stand.ended) if halves and stand is not None else StackNews()

    def start_stack(self) -> None:
        """Start it, whether it ended or was stopped; how that goes stands in the banner."""
        if self._app.stack.is_down and not self._app.stack.starting:
            self._app.stack = replace(self._app.stack, starting=True, problem=None)
            later.run(self._app, partial(self._start, self._app.stack), "Starting the local stack", group="stack")

    async def _start(self, news: StackNews) -> None:
        from soundcheck.wizard.progress import silent
        from soundcheck.wizard.setup.local_step import wake_local

        app = self._app
        try:
            await wake_local(app.services, silent)
        except SoundcheckError as problem:
            app.stack = replace(news, starting=False, problem=problem)
            return
        app.stack = replace(news, starting=False)
        self.look_at_stack()
        if news.standing is StackStanding.ENDED:
            app.notify(f"{news.ended_words} It runs again.", markup=False)
        else:
            app.notify("The local stack runs again.", markup=False)
