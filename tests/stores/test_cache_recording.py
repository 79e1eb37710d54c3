"""A recording comes back as it was seen, is private and bounded, and what stands in its file breaks nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundcheck.stores.cache.measured import recording as cache_recording
from soundcheck.stores.cache.measured.counters import PrefixCounts
from soundcheck.stores.cache.measured.publication import Publication
from soundcheck.stores.cache.measured.recording import RecordedLook, Recorder, read_recording
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.upstash.statistics import CacheSnapshot

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SNAPSHOT = CacheSnapshot(0.5, 1, 1, 2.5, 15.0, 7, 100, None, 0, 0, 6.25, 3, "Upstash", "1.13", True, "noeviction")
PUBLISHED = Publication("music", "one", NOON, NOON - timedelta(hours=1), 30.0, (PrefixCounts("user:{id}", 1, 2, 3),))
LOOK = RecordedLook(NOON, 100.0, SNAPSHOT, (PUBLISHED,))


def test_what_was_recorded_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    assert read_recording(file) == ()
    recorder = Recorder(file)
    second = RecordedLook(NOON, 115.5, replace(SNAPSHOT, hit_rate=None, is_upstash=False), ())
    recorder.add(LOOK)
    recorder.add(second)
    assert read_recording(file) == (LOOK, second)
    assert file.stat().st_mode & 0o777 == 0o600
    Recorder(file)
    assert read_recording(file) == (), "another recording begins anew"


def test_it_ends_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_recording, "MOST_LOOKS", 3)
    recorder = Recorder(tmp_path / "recording")
    for _ in range(5):
        recorder.add(LOOK)
    assert (recorder.is_full, recorder.looks, len(read_recording(tmp_path / "recording"))) == (True, 3, 3)


def test_a_link_is_not_followed_and_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    with pytest.raises(CouldNotRun, match="could not be written"):
        Recorder(tmp_path / "link")
    assert (tmp_path / "other").read_text() == "precious"
    assert read_recording(tmp_path) == ()


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.lists(st.text(max_size=3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(["v", "at", "moment", "snapshot", "publications", "hits", "server"]), junk=JUNK)
def test_junk_is_passed_over(tmp_path: Path, field: str, junk: Any) -> None:
    file = tmp_path / "recording"
    Recorder(file).add(LOOK)
    document = json.loads(file.read_text())
    (document["snapshot"] if field in document["snapshot"] else document)[field] = junk
    file.write_text("{half\n" + json.dumps(document) + "\n")
    Recorder(tmp_path / "good").add(LOOK)
    with file.open("a") as end:
        end.write((tmp_path / "good").read_text())
    looks = read_recording(file)
    assert all(isinstance(look.snapshot.server, str) for look in looks)
    assert looks, "a good line after a bad one counts"
