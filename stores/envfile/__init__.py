"""The env file as a lossless document: read, merged and rendered without touching what is not ours."""

from soundcheck.stores.envfile.document import Assignment, Document, LineProblem, parse
from soundcheck.stores.envfile.merge import ChangeKind, EnvChange, Merged, merge
from soundcheck.stores.envfile.reading import EnvProblem, EnvReading, EnvValue, read_env

__all__ = [
    "Assignment",
    "ChangeKind",
    "Document",
    "EnvChange",
    "EnvProblem",
    "EnvReading",
    "EnvValue",
    "LineProblem",
    "Merged",
    "merge",
    "parse",
    "read_env",
]
