"""The merge: our names are set for both readers, and everything else is as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soundcheck.stores.credentials import ENV_NAMES
from soundcheck.stores.envfile import ChangeKind, merge, parse
from soundcheck.stores.envfile.merge import quoted
from soundcheck.stores.envfile.readers import node_raw_values, node_values, python_raw_values, python_values
from soundcheck.stores.secret import Secret

URL = "postgresql://app:p%24%7B%23@ep-a-pooler.us.aws.neon.tech/neondb?sslmode=require&connection_limit=100"
VALUES = {
    "DATABASE_URL": Secret(URL),
    "DIRECT_URL": Secret("postgresql://app:p%24@ep-a.us.aws.neon.tech/neondb?sslmode=require"),
    "UPSTASH_REDIS_REST_URL": Secret("https://fit-mole-123.upstash.io"),
    "UPSTASH_REDIS_REST_TOKEN": Secret("AXyz_-=="),
}

LINES = st.sampled_from(
    [
        "A=1", "export B='two'", 'C="three" # tail', "# comment", "", "  D = 4", "E=", "F", "G=`tick`", "H=it's",
        'I="multi\nline"', "J='${A}'", "K=${DATABASE_URL}/x", "L=a#b", "M=a b # c", "DATABASE_URL=old", "N=\\n\\t",
        "export DATABASE_URL='mongodb://x' # mongo", 'DATABASE_URL="two\nlines"', "DIRECT_URL", "DIRECT_URL=",
        "UPSTASH_REDIS_REST_TOKEN='t' # keep", "UPSTASH_REDIS_REST_URL = https://old", "É=1", "O='\\''", "P=x\\",
        "MONGODB_URI=mongodb://there", "# Soundcheck: Neon and Upstash.", "Q=`a", "R=\n'b'", "S=#c", "T= #c",
    ]
)  # fmt: skip
FILES = st.builds(
    lambda bom, lines, ends, last: (
        ("\ufeff" if bom else "") + "".join(a + b for a, b in zip(lines, ends, strict=False))[: None if last else -1]
    ),
    st.booleans(),
    st.lists(LINES, max_size=12),
    st.lists(st.sampled_from(["\n", "\r\n"]), min_size=12, max_size=12),
    st.booleans(),
)


def merged_text(text: str, **options: object) -> str:
    result = merge(parse(text), VALUES, header="Neon and Upstash.", **options)  # type: ignore[arg-type]
    assert not result.problems
    return result.document.render()


def test_an_empty_file_gets_the_names_under_one_comment() -> None:
    lines = merged_text("").splitlines()
    assert lines[0] == "# Soundcheck: Neon and Upstash."
    assert [line.partition("=")[0] for line in lines[1:]] == list(ENV_NAMES)


def test_a_line_that_stands_already_keeps_its_place_export_quotes_comment_and_ending() -> None:
    text = "A=1\r\nexport DATABASE_URL='old' # mine\r\nB=2"
    result = merged_text(text)
    assert f"A=1\r\nexport DATABASE_URL='{URL}' # mine\r\nB=2\r\n" in result
    assert "\n" not in result.replace("\r\n", "")


def test_of_duplicates_the_last_is_set_and_the_others_become_comments() -> None:
    text = 'DATABASE_URL=one\nexport DATABASE_URL="two\nlines"\nX=1\nDATABASE_URL=three\n'
    result = merge(parse(text), {"DATABASE_URL": Secret(URL)})
    expected = f'# DATABASE_URL=one\n# export DATABASE_URL="two\n# lines"\nX=1\nDATABASE_URL="{URL}"\n'
    assert result.document.render() == expected
    kinds = [(c.kind, c.line) for c in result.changes]
    assert kinds == [(ChangeKind.COMMENT_OUT, 1), (ChangeKind.COMMENT_OUT, 2), (ChangeKind.CHANGE, 5)]


def test_a_value_that_both_readers_see_already_is_left_as_it_is_written() -> None:
    text = f"UPSTASH_REDIS_REST_TOKEN=AXyz_-==   # unquoted\nDATABASE_URL='{URL}'\n"
    result = merge(parse(text), {name: VALUES[name] for name in ("DATABASE_URL", "UPSTASH_REDIS_REST_TOKEN")})
    assert result.changes == ()
    assert result.document.render() == text


def test_mongodb_moves_to_its_own_name_and_stays_readable() -> None:
    text = 'PORT=1\nexport DATABASE_URL="mongodb+srv://u:p@c/app" # old\n'
    result = merge(parse(text), VALUES, header="x", renames={"DATABASE_URL": "MONGODB_URI"})
    after = result.document.render()
    assert after.startswith('PORT=1\nexport MONGODB_URI="mongodb+srv://u:p@c/app" # old\n')
    assert python_values(after)["MONGODB_URI"] == "mongodb+srv://u:p@c/app"
    assert python_values(after)["DATABASE_URL"] == URL


def test_mongodb_is_kept_as_a_comment_where_its_name_is_taken() -> None:
    text = "MONGODB_URI=mongodb://there\nDATABASE_URL=mongodb://other\n"
    result = merge(parse(text), VALUES, renames={"DATABASE_URL": "MONGODB_URI"})
    after = result.document.render()
    assert "# DATABASE_URL=mongodb://other\n" in after
    assert python_values(after)["MONGODB_URI"] == "mongodb://there"
    assert python_values(after)["DATABASE_URL"] == URL


def test_a_file_that_cannot_be_read_is_refused_whole() -> None:
    result = merge(parse('A=1\nB="open\n'), VALUES)
    assert [p.line for p in result.problems] == [2]
    assert result.document.render() == 'A=1\nB="open\n'


def test_a_file_that_the_readers_take_apart_differently_is_refused_with_a_line() -> None:
    # Node takes the quoted word on the next line for A's value; setting it makes no difference to that.
    text = "DATABASE_URL=`open\nB=1`\n"
    result = merge(parse(text), VALUES)
    assert result.problems
    assert result.document.render() == text


def test_the_local_comment_comes_above_the_lines_and_is_exchanged_when_they_go_to_the_cloud() -> None:
    text = "A=1\nDATABASE_URL=old\nDIRECT_URL=old\n"
    values = {"DATABASE_URL": Secret("postgresql://u:p@127.0.0.1:1/x"), "DIRECT_URL": Secret("postgresql://y")}
    local = merge(parse(text), values, header="local.", insist_header=True).document.render()
    assert local.splitlines()[1:3] == ["# Soundcheck: local.", 'DATABASE_URL="postgresql://u:p@127.0.0.1:1/x"']
    cloud = merge(parse(local), VALUES, header="Neon.").document.render()
    assert cloud.count("# Soundcheck:") == 1
    assert "# Soundcheck: Neon." in cloud


def test_names_that_follow_a_changed_one_are_told() -> None:
    result = merge(parse("TEST_URL=${DATABASE_URL}_test\nDATABASE_URL=x\n"), VALUES)
    assert result.followers == ("TEST_URL",)


@pytest.mark.parametrize(
    "value", ["a$b", 'a"b', "a'b", "a b", "a#b", " a ", "a\\b", "a\\nb", "a=b", "`a`", "é", "", "$A", "a # b", "%24"]
)
def test_awkward_values_are_quoted_so_that_both_readers_see_them(value: str) -> None:
    raw = quoted(value)
    assert raw is not None
    assert python_values(f"NAME={raw}\n") == {"NAME": value} == node_values(f"NAME={raw}\n")


@pytest.mark.parametrize("value", ["${HOME}", "a\nb", "a\r", "a\0b", "'\"\\n\"'#"])
def test_a_value_that_no_quotes_carry_to_both_is_refused(value: str) -> None:
    assert quoted(value) is None
    result = merge(parse("A=1\n"), {"UPSTASH_REDIS_REST_TOKEN": Secret(value)})
    assert result.problems
    assert result.document.render() == "A=1\n"


@settings(max_examples=200, deadline=None)
@given(FILES, st.booleans(), st.sampled_from([{}, {"DATABASE_URL": "MONGODB_URI"}]))
@example("DATABASE_URL=a\nexport DATABASE_URL=b\r\n", False, {})
def test_every_other_name_is_kept_and_ours_are_set_for_both_readers(
    text: str, local: bool, renames: dict[str, str]
) -> None:
    result = merge(parse(text), VALUES, header="Neon and Upstash.", insist_header=local, renames=renames)
    after = result.document.render()
    if result.problems:
        assert after == text
        return
    ours = {*ENV_NAMES, *renames.values()}
    for read in (python_raw_values, node_raw_values):
        assert {k: v for k, v in read(after).items() if k not in ours} == {
            k: v for k, v in read(text).items() if k not in ours
        }
    expected = {name: secret.reveal() for name, secret in VALUES.items()}
    for read_all in (python_values, node_values):
        assert {k: v for k, v in read_all(after).items() if k in ENV_NAMES} == expected
    again = merge(parse(after), VALUES, header="Neon and Upstash.", insist_header=local)
    assert again.document.render() == after
    assert again.changes == ()


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_token_is_read_back_equal_by_both_or_refused(token: str) -> None:
    result = merge(parse("A=1\r\n"), {"UPSTASH_REDIS_REST_TOKEN": Secret(token)})
    if result.problems:
        return
    after = result.document.render()
    assert python_values(after) == {"A": "1", "UPSTASH_REDIS_REST_TOKEN": token} == node_values(after)


@settings(max_examples=100, deadline=None)
@given(st.text("abcXYZ019-_=.:/@?%&", max_size=60))
def test_any_token_of_plain_characters_can_be_written(token: str) -> None:
    assert quoted(token) is not None
