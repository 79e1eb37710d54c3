"""The note of a temporary store names our command with its folders, and those say nothing about the store."""

from soundcheck.stores.project.claim_note import cache_note, database_note

NOTE = (
    "# Temporary database (Neon), expires at 2026-12-01 10:00Z unless claimed:"
    " /opt/redis-tools/bin/soundcheck --project '/home/ana/music cache' claims\n"
    'DATABASE_URL="postgresql://u@h/d"\n'
)


def test_a_folder_called_cache_makes_it_no_note_about_the_cache() -> None:
    note = database_note(NOTE)
    assert note is not None
    assert note.by_command
    assert cache_note(NOTE) is None


def test_the_note_of_before_is_read_as_well() -> None:
    note = database_note(
        NOTE.replace("/opt/redis-tools/bin/soundcheck --project '/home/ana/music cache'", "soundcheck")
    )
    assert note is not None
    assert note.by_command
