"""Everything the file checks can say. Texts only.

`{message}` and `{hint}` are those of the error that reading the file raised.
"""

from __future__ import annotations

from typing import Final

from soundcheck.checks.explanation import Explanation, Explanations, holds, not_asked, phrase, warning
from soundcheck.checks.finding import Blame
from soundcheck.checks.fixes import IGNORE, MODE, UNTRACK

_YOU: Final = Blame.YOU
_SETUP: Final = "Run `{run:setup}`: it shows the change before it writes it, and keeps a copy."
FROM_ENVIRONMENT: Final = "the values come from the environment, not from a file"
FROM_MOUNT: Final = "the values are mounted as secrets, not written into an env file"

_NO_FILE: Final = not_asked("There is no {env_file}.", "{instead}")
"""The values come from elsewhere, so nobody misses the file."""

ENV: Final[Explanations] = {
    "elsewhere": _NO_FILE,
    "missing": Explanation(
        "There is no {env_file}.",
        "The credentials have not been written yet, or this is not the project's folder.",
        _YOU,
        "Run `{run:setup}` in the project's folder; it writes the file.",
    ),
    "unreadable": Explanation("{message}", "Nothing can be read from it as it is.", _YOU, "{hint}"),
    "open_to_others": warning(
        "Other users of this machine may read {env_file} (mode {mode:o}).",
        "It holds passwords.",
        _YOU,
        "Type: chmod 600 {env_file}",
        fixes=(MODE,),
    ),
    "readable": holds("{env_file} is there, readable by you alone."),
}

FAULTS: Final[Explanations] = {
    "empty": phrase("{variable} (line {line}): it is empty"),
    "old_mongodb": phrase("{variable} (line {line}): it is the old MongoDB address, which Setup keeps as MONGODB_URI"),
    "placeholder": phrase("{variable} (line {line}): it is still the example's placeholder"),
    "no_sslmode": phrase(
        "{variable} (line {line}): sslmode=require is missing, and Neon takes encrypted connections only"
    ),
    "odd_letter": phrase("{variable} (line {line}): it has a blank, a line break or a letter that no token has in it"),
    "unreadable": phrase("{variable} (line {line}): {message}"),
}
"""What is wrong with one value; `{message}` is what an address says of itself."""

VALUES: Final[Explanations] = {
    **FAULTS,
    "elsewhere": not_asked("Not asked.", "{instead}"),
    "unusable": Explanation("{env_file}: {problem}.", "The value was copied in part, or by hand.", _YOU, _SETUP),
    "several_unusable": Explanation("{env_file}: {problem}.", "{others:; }", _YOU, _SETUP),
    "missing": Explanation(
        "{env_file} has no {variables: and no }.", "The backend reads them from there.", _YOU, _SETUP
    ),
    "torn": warning(
        "{variables: and } reads differently in Python and in Node.",
        "A $, # or backslash in the value means something else to each of the two readers.",
        _YOU,
        f"{_SETUP} Passwords are written so that both read the same.",
    ),
    "repeated": warning(
        "{env_file} sets {variable} more than once.",
        "The last one counts; the others mislead whoever reads the file.",
        _YOU,
        "Delete the lines that do not count.",
    ),
    "usable": holds("{env_file} has all values."),
}

OVERRIDE: Final[Explanations] = {
    "exported": warning(
        "{variables: and } {count:is/are} exported with another value than in {env_file}.",
        "Your backend takes the exported value; Soundcheck takes the file's.",
        _YOU,
        "Type: unset {variables: }   (and remove it from where it is exported), or correct {env_file}.",
    ),
    "another_file": warning(
        "Another file sets a different value: {place}.",
        "Prisma's tools stop on such a pair, and frameworks let the other file win.",
        _YOU,
        "Keep the value in {env_file} only, and delete that line.",
    ),
    "alone": holds("Nothing else sets them otherwise."),
}

IGNORED: Final[Explanations] = {
    "elsewhere": _NO_FILE,
    "no_repository": holds("{env_file} is in no Git repository."),
    "tracked": Explanation(
        "{env_file} is in the Git repository, with its passwords.",
        "It was added before it was ignored; everyone who has the repository has the passwords.",
        _YOU,
        "Type: git rm --cached {env_file}   then commit, and reset both passwords in the consoles: the history"
        " keeps the old ones.",
        fixes=(UNTRACK, IGNORE),
    ),
    "unknown": warning(
        "Whether Git would take {env_file} along is not known: {reason}.",
        "The project lies in a Git repository, and only Git can say what it ignores.",
        _YOU,
        "Look into .gitignore yourself: it should have the line {name}.",
    ),
    "not_ignored": warning(
        "Git would take {env_file} along.",
        "No line of .gitignore covers it.",
        _YOU,
        "Add the line {name} to .gitignore; Setup does it for you.",
        fixes=(IGNORE,),
    ),
    "ignored": holds("Git ignores {env_file}."),
}

SOURCE: Final[Explanations] = {
    "beaten": warning(
        "A mounted secret is not used: {mounts: and }.",
        "{place} holds another value and comes first here; your backend may take the mounted one.",
        _YOU,
        "Keep one of the two: inside a container the mounted secret, on your own machine the env file.",
    ),
    "beaten_from_nowhere": warning(
        "A mounted secret is not used: {mounts: and }.",
        "Another place holds another value and comes first here; your backend may take the mounted one.",
        _YOU,
        "Keep one of the two: inside a container the mounted secret, on your own machine the env file.",
    ),
    "nothing": not_asked("There is no value yet.", "neither a file, nor the environment, nor a mount has one"),
    "known": holds("{sources:; }."),
    "source": phrase("{variables} from {place}"),
}

PLACE: Final[Explanations] = {
    "elsewhere": _NO_FILE,
    "absent": not_asked("There is no {env_file}.", "there is no file"),
    "synced": warning(
        "{program} copies {env_file} to its servers and to your other machines.",
        "It lies in a folder that {program} keeps in step, with the passwords in it.",
        _YOU,
        "Move the project out of that folder, or leave {env_file} out in {program}'s settings.",
    ),
    "windows_drive": warning(
        "{env_file} lies on a drive of Windows, under /mnt.",
        "Every user of that Windows may read it unless the drive is mounted with metadata, and reading many"
        " small files through WSL is slow.",
        _YOU,
        "Move the project into Linux's own file system, for example to ~/projects.",
    ),
    "outside": warning(
        "{env_file} is a link to {target}, outside of the project.",
        "Who may write there decides with which database your backend talks, and what Git ignores here does"
        " not hold there.",
        _YOU,
        "Fine where you made the link yourself; else put a file of its own in place of {env_file}.",
    ),
    "linked": holds("{env_file} is a link to {target}, and no program copies it away."),
    "inside": holds("{env_file} lies in the project, and no program copies it away."),
}

HISTORY: Final[Explanations] = {
    "no_repository": not_asked("Not needed here.", "the project is in no Git repository"),
    "unknown": not_asked("Not known.", "{reason}"),
    "never": holds("{env_file} was never committed."),
    "in_use": Explanation(
        "The history of Git holds the {secrets: and the } that is in use today (commit {commit} of {day}).",
        "{env_file} was committed. Deleting it later takes nothing out of the history: everyone who has the"
        " repository has it.",
        _YOU,
        "Reset the password (Neon: Roles; Upstash: Reset credentials) and run `{run:setup}` with the new"
        " one. To clean the history as well, see git filter-repo.",
    ),
    "old": warning(
        "{env_file} was committed before (commit {commit} of {day}); what is in use today is not in it.",
        "The old passwords stand in the history for everyone who has the repository.",
        _YOU,
        "Make sure that they were reset. To clean the history, see git filter-repo.",
    ),
}
