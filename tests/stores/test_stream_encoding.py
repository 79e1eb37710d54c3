"""The encoding in which a stream's text is shown: a terminal's is the locale's, also where Python writes UTF-8."""

import io
import locale

import pytest

from soundcheck.stores.stream_encoding import encoding_of


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)


@pytest.mark.parametrize(
    ("written", "shown", "encoding"),
    [
        ("utf-8", "ISO-8859-1", "iso-8859-1"),
        ("utf-8", "KOI8-R", "koi8-r"),
        ("utf-8", "UTF-8", "utf-8"),
        ("utf-8", "utf8", "utf-8"),
        ("utf-8", "ANSI_X3.4-1968", "utf-8"),
        ("utf-8", "US-ASCII", "utf-8"),
        ("ISO-8859-1", "ISO-8859-1", "iso-8859-1"),
        ("ascii", "ANSI_X3.4-1968", "ascii"),
    ],
)
def test_a_terminal_shows_the_encoding_of_the_locale(
    written: str, shown: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locale, "getencoding", lambda: shown)
    assert encoding_of(Terminal(written)) == encoding


def test_what_pythonioencoding_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getencoding", lambda: "ISO-8859-1")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    assert encoding_of(Terminal("utf-8")) == "utf-8"


def test_a_file_and_a_pipe_are_as_python_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getencoding", lambda: "ISO-8859-1")
    assert encoding_of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == "utf-8"
    assert encoding_of(io.StringIO()) == ""
    assert encoding_of(None) == ""
