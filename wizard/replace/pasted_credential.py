"""The new credential as it is pasted: what the recogniser finds of one store, and for the cache a token by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soundcheck.stores.cloud.made import Half, half_of
from soundcheck.stores.credentials import REST_URL, Credentials
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recogniser import recognise
from soundcheck.wizard.recognise.recognition import Problem, Recognition


@dataclass(frozen=True, slots=True)
class PastedCredential:
    """What was pasted for one store; `recognition` is of all of the text."""

    half: Half
    credentials: Credentials
    recognition: Recognition
    is_bare_token: bool = False
    """One word that nothing was recognised in, taken as the token; only the cache has that."""

    @property
    def is_complete(self) -> bool:
        """Whether it can be tried."""
        return is_complete(self.half, self.credentials)

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What is worth saying: the REST address stays the one in use, so that one is not missing."""
        if self.is_bare_token:
            return ()
        return tuple(one for one in self.recognition.findings if not (self.is_complete and one.field == REST_URL))


def is_complete(half: Half, credentials: Credentials) -> bool:
    """Whether the new one is there: an address for the database, a token for the cache."""
    return credentials.has_database if half is Half.DATABASE else credentials.rest_token is not None


def read_given(half: Half, pasted: Secret) -> PastedCredential:
    """Recognise it."""
    found = recognise(pasted.reveal())
    new = half_of(half, found.credentials)
    words = pasted.reveal().split()
    bare = half is Half.CACHE and len(words) == 1 and not found.fields and not found.errors
    if bare:
        new = replace(new, rest_token=Secret(words[0]))
    return PastedCredential(half, new, found, is_bare_token=bare)
