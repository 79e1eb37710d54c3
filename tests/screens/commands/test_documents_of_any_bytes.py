"""A document with bytes that are no UTF-8 is written on every stream, and reads back as it was."""

from __future__ import annotations

import io
import json

import pytest

from soundcheck.screens.commands.output import write_json


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_lone_byte_is_written_as_an_escape(encoding: str) -> None:
    document = {"caf\udce9": ["\udce9t\udce9", "été", "\\udce9"]}
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    write_json(stream, document)
    stream.flush()
    assert json.loads(written.getvalue().decode(encoding)) == document
