"""The env file as a lossless document: read, merged and rendered without touching what is not ours."""

from stores.envfile.document import Assignment, Document, LineProblem, parse
from stores.envfile.merge import Change, ChangeKind, Merged, merge
from stores.envfile.reading import EnvProblem, EnvReading, EnvValue, read_env

__all__ = [
    "Assignment",
    "Change",
    "ChangeKind",
    "Document",
    "EnvProblem",
    "EnvReading",
    "EnvValue",
    "LineProblem",
    "Merged",
    "merge",
    "parse",
    "read_env",
]
