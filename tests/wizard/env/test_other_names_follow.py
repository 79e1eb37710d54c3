"""Variables that hold the same credential under another name change with it, so that no old password stays behind."""

from __future__ import annotations

import pytest

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.envfile import read_env
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.env.step import plan_env, write_env
from tests.wizard.env.conftest import ALL, LOCAL

POOLED = "postgresql://app:{}@ep-a-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require"
DIRECT = POOLED.replace("-pooler", "")
REST = "https://a-1.upstash.io"

OURS = f"DATABASE_URL={POOLED}\nUPSTASH_REDIS_REST_URL={REST}\nUPSTASH_REDIS_REST_TOKEN=AX{{}}\n"
OTHERS = f"""\
export POSTGRES_URL='{POOLED}'  # the site
DATABASE_URL_UNPOOLED="{DIRECT}"
PGPASSWORD={{}}
KV_REST_API_TOKEN=AX{{}}
KV_REST_API_URL={REST}
KV_URL=rediss://default:AX{{}}@a-1.upstash.io:6379
"""


def pasted(word: str) -> Credentials:
    return Credentials(PostgresUrl.parse(POOLED.format(word)), None, RestUrl.parse(REST), Secret(f"AX{word}"))


def filled(text: str, word: str) -> str:
    return text.replace("{}", word)


def written(project: Project, text: str, credentials: Credentials, *, local: bool = False) -> dict[str, str]:
    """The file after these credentials were written over this text; a second plan changes nothing."""
    project.env_file.write_text(text)
    write_env(project, plan_env(project, credentials, local=local), ALL)
    assert not plan_env(project, credentials, local=local).changes
    return {name: found.value.reveal() for name, found in read_env(project.env_file).values.items()}


@pytest.mark.parametrize("ours", [OURS, ""], ids=["beside ours", "instead of ours"])
def test_a_new_password_or_token_reaches_every_other_name(here: Project, ours: str) -> None:
    found = written(here, filled(ours + OTHERS, "old-word"), pasted("new-word"))
    assert not [name for name, value in found.items() if "old-word" in value]
    assert found["PGPASSWORD"] == "new-word"
    assert found["DATABASE_URL_UNPOOLED"] == filled(DIRECT, "new-word")
    assert found["KV_URL"] == "rediss://default:AXnew-word@a-1.upstash.io:6379"
    assert "export POSTGRES_URL='" in here.env_file.read_text()


def test_what_changes_besides_is_shown_masked(here: Project) -> None:
    here.env_file.write_text(filled(OURS + OTHERS, "old-word"))
    plan = plan_env(here, pasted("new-word"), local=False)
    shown = {line.name: line for line in plan.lines if line.before}
    assert {"POSTGRES_URL", "DATABASE_URL_UNPOOLED", "PGPASSWORD", "KV_REST_API_TOKEN", "KV_URL"} <= set(shown)
    assert "word" not in repr([(line.text, line.before, line.note) for line in plan.lines])


def test_at_another_place_only_the_vendors_names_for_ours_follow(here: Project) -> None:
    shadow = f"SHADOW_DATABASE_URL={filled(DIRECT, 'old-word').replace('neondb', 'shadow')}\n"
    found = written(here, filled(OURS + OTHERS, "old-word") + shadow, LOCAL, local=True)
    assert (
        found["POSTGRES_URL"] == found["DATABASE_URL_UNPOOLED"] == "postgresql://soundcheck:localpw@127.0.0.1:54321/app"
    )
    assert found["KV_REST_API_URL"] == "http://127.0.0.1:8079"
    assert "old-word" in found["SHADOW_DATABASE_URL"]
    assert found["PGPASSWORD"] == "old-word"


@pytest.mark.parametrize(
    "line",
    [
        f"POSTGRES_URL={filled(POOLED, 'another-word')}",
        f"POSTGRES_URL={filled(POOLED, 'old-word').replace('ep-a-1', 'ep-b-2')}",
        "KV_REST_API_TOKEN=AXanother",
        "KV_URL=rediss://default:AXold-word@b-2.upstash.io:6379",
        "MY_URL=https://a-1.upstash.io",
    ],
)
def test_what_holds_another_credential_stays(here: Project, line: str) -> None:
    name, _, value = line.partition("=")
    found = written(here, filled(OURS, "old-word") + line + "\n", pasted("new-word"))
    assert found[name] == value


def test_names_that_stand_without_ours_are_left_where_another_place_is_chosen(here: Project) -> None:
    """Nobody is asked before they change, as nothing of ours is replaced."""
    text = filled(OTHERS, "old-word")
    found = written(here, text, LOCAL, local=True)
    assert found["POSTGRES_URL"] == filled(POOLED, "old-word")
