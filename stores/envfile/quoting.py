"""Write a value so that both readers get exactly it back."""

from __future__ import annotations

from stores.envfile.readers import node_values, python_values


def quoted(value: str, preferred: str = '"') -> str | None:
    """The value as it stands after `NAME=`, in the preferred quotes where they do; None where no way is read alike.

    A value with `${` has none: python-dotenv expands it in every kind of quotes and has no escape for it.
    """
    if "\n" in value or "\r" in value or "\0" in value:
        return None
    for quote in dict.fromkeys((preferred, '"', "'", "")):
        raw = f"{quote}{value}{quote}"
        line = f"NAME={raw}\n"
        if python_values(line) == {"NAME": value} == node_values(line):
            return raw
    return None
