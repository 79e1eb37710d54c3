"""The recogniser: any pasted text in, credentials and findings out. Pure, and it never raises."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.cache_values import UPSTASH, read_redis, read_rest_url, read_token
from soundcheck.wizard.recognise.choose import (
    DatabaseChoice,
    FoundDatabase,
    FoundRest,
    FoundToken,
    choose_cache,
    choose_database,
)
from soundcheck.wizard.recognise.cut_off import COPY_AGAIN, begins_too_late, missing_host_end, quote_stays_open
from soundcheck.wizard.recognise.database_url import is_database_scheme, read_database, scheme_of
from soundcheck.wizard.recognise.lines import MAX_CHARACTERS, MAX_LINES, PastedLine, clean_lines
from soundcheck.wizard.recognise.names import NameMeaning, Role, meaning_of, showable
from soundcheck.wizard.recognise.parts import AddressParts
from soundcheck.wizard.recognise.pieces import bare_token, is_comment, pieces_of
from soundcheck.wizard.recognise.recognition import (
    NOTHING_FAILED,
    FailedTest,
    Ignored,
    Piece,
    Problem,
    Recognition,
    Severity,
    Written,
)

_IGNORED_SHOWN: Final = 200
_MOST_PIECES: Final = 1000
_LABELS: Final = 40
"""A line this short can be the label of the value below it."""

_FIELD_ROLES: Final = {
    DATABASE_URL: NameMeaning(Role.DATABASE, 20),
    DIRECT_URL: NameMeaning(Role.DIRECT, 20),
    REST_URL: NameMeaning(Role.REST_URL, 20),
    REST_TOKEN: NameMeaning(Role.TOKEN, 20),
}


@dataclass(slots=True)
class _Gathered:
    """What the lines gave so far."""

    databases: list[FoundDatabase] = field(default_factory=list)
    urls: list[FoundRest] = field(default_factory=list)
    tokens: list[FoundToken] = field(default_factory=list)
    bare: list[FoundToken] = field(default_factory=list)
    parts: AddressParts = field(default_factory=AddressParts)
    findings: list[Problem] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)


def recognise(text: str, after: FailedTest = NOTHING_FAILED) -> Recognition:
    """Find the four values in whatever was pasted. What comes `after` a failed test takes the failed one's place.

    Reads at most 256 KiB and 4000 lines, in time proportional to them. No text in the answer holds a secret; only
    `Secret` values and `Credentials` do.
    """
    gathered = _Gathered()
    _gather(clean_lines(text), gathered)
    if len(text) > MAX_CHARACTERS:
        message = "The text is longer than 256 KiB; only the beginning was read."
        cure = "Paste only the lines with the credentials."
        gathered.findings.append(Problem("too_large", message, cure, Severity.WARN))
    answer = _answer(gathered, after=after)
    if text.strip() and not answer.fields and not answer.errors:
        message = "Nothing in this text is a database address, a REST address or a token."
        cure = "Copy the connection string from Neon, and the REST address and token from Upstash."
        nothing = Problem("nothing_found", message, cure, Severity.WARN)
        return Recognition(ignored=answer.ignored, findings=(*answer.findings, nothing))
    return answer


def recognise_field(name: str, text: str) -> Recognition:
    """The same for one field: `name` is one of the four names, and the text may still be a whole line or command."""
    lines = clean_lines(text)
    gathered = _Gathered()
    pieces = [piece for line in lines for piece in pieces_of(line)]
    if any(meaning_of(p.name) or (p.how is not Written.ADDRESS and "://" in p.value.reveal()) for p in pieces):
        _gather(lines, gathered)
        answer = _answer(gathered)
        names = {name, DATABASE_URL} if name == DIRECT_URL else {name}  # whatever it is called where it comes from
        if any(answer.found(one) for one in names) or any(p.field == name for p in answer.findings):
            return answer
        gathered = _Gathered()
    written = " ".join(line.text for line in lines).strip()
    value = written.strip("\"'`")
    if value and name in _FIELD_ROLES:
        piece = Piece(name, Secret(value), 1, Written.FIELD, quote_stays_open(written, value))
        _take(piece, _FIELD_ROLES[name], gathered)
    return _answer(gathered, complete=False)


def field_problems(name: str, text: str) -> tuple[Problem, ...]:
    """What there is to say about the text of one field and its pair; empty where it is fine or empty."""
    pair = {DATABASE_URL, DIRECT_URL} if name in {DATABASE_URL, DIRECT_URL} else {REST_URL, REST_TOKEN}
    return tuple(p for p in recognise_field(name, text).findings if p.field in pair)


def _gather(lines: list[PastedLine], gathered: _Gathered) -> None:
    label: PastedLine | None = None
    taken = 0
    for line in lines:
        if label is not None:
            named, label = label, None
            value = line.text.strip("\"'` ")
            is_pair = "=" in value.rstrip("=") and "://" not in value.partition("=")[0]
            if " " not in value and meaning_of(value) is None and not is_pair:
                _use(Piece(named.text.rstrip(":"), Secret(value), line.number, Written.LABEL), line, gathered)
                continue
            gathered.ignored.append(Ignored(named.number, "a name without a value"))
        if is_comment(line):
            gathered.ignored.append(Ignored(line.number, "a comment"))
            continue
        if len(line.text) <= _LABELS and meaning_of(line.text.rstrip(":")) is not None:
            label = line
            continue
        token = bare_token(line)
        if token is not None and "." not in line.text:
            gathered.bare.append(FoundToken(token, 1, line.number, Written.TOKEN_LINE, candidate=True))
            continue
        pieces = pieces_of(line)
        taken += len(pieces)
        if taken > _MOST_PIECES:
            gathered.ignored.append(Ignored(line.number, "this line and all after it: too many values"))
            break
        if not pieces:
            gathered.ignored.append(Ignored(line.number, "no name, address or token in it"))
        used = [_use(piece, line, gathered) for piece in pieces]
        if pieces and not any(used):
            gathered.ignored.append(Ignored(line.number, _unused(pieces)))
    if label is not None:
        gathered.ignored.append(Ignored(label.number, "a name without a value"))
    if len(lines) >= MAX_LINES:
        gathered.ignored.append(Ignored(lines[-1].number, "everything after this line: too many lines"))


def _use(piece: Piece, line: PastedLine, gathered: _Gathered) -> bool:
    """Take a piece where it means something."""
    value = piece.value.reveal()
    if not value:
        return False
    piece = replace(piece, stays_open=quote_stays_open(line.text, value))
    meaning = meaning_of(piece.name) if piece.name else None
    scheme = scheme_of(value)
    if meaning is None or meaning.role is Role.PART:
        if is_database_scheme(value) or begins_too_late(scheme):
            meaning = NameMeaning(Role.DATABASE, 2 if scheme.startswith("postgres") else 1)
        elif scheme in {"redis", "rediss"}:
            meaning = NameMeaning(Role.REDIS, 2)
        elif scheme in {"http", "https"} and _is_rest(value, piece, line):
            meaning = NameMeaning(Role.REST_URL, 2)
    if meaning is None:
        if value.startswith("napi_") or _is_console(value):
            return _take(piece, NameMeaning(Role.NEON_KEY if value.startswith("napi_") else Role.DATABASE, 0), gathered)
        return False
    return _take(piece, meaning, gathered)


def _take(piece: Piece, meaning: NameMeaning, gathered: _Gathered) -> bool:
    value, line, how = piece.value.reveal(), piece.line, piece.how
    scheme = scheme_of(value)
    asked = meaning.role
    if asked in {Role.DATABASE, Role.DIRECT}:
        field_name = DIRECT_URL if asked is Role.DIRECT else DATABASE_URL
        database = read_database(value, line, field_name, stays_open=piece.stays_open)
        gathered.findings += database.findings
        if database.url is not None:
            gathered.databases.append(FoundDatabase(database.url, asked, meaning.rank, line, how))
        elif scheme in {"redis", "rediss"} or (scheme in {"http", "https"} and UPSTASH in value):
            _take_rest(piece, 1, gathered)
    elif asked in {Role.REST_URL, Role.REDIS}:
        if is_database_scheme(value):
            gathered.findings += read_rest_url(value, line).findings
            return _take(piece, NameMeaning(Role.DATABASE, 1), gathered)
        _take_rest(piece, meaning.rank, gathered)
    elif asked in {Role.TOKEN, Role.READONLY_TOKEN}:
        token = read_token(value, line)
        gathered.findings += token.findings
        if token.token is not None:
            if piece.stays_open:
                message = "The quote before the token never closes: its end may be missing."
                gathered.findings.append(Problem("maybe_cut_off", message, COPY_AGAIN, Severity.WARN, REST_TOKEN, line))
            readonly = asked is Role.READONLY_TOKEN
            gathered.tokens.append(FoundToken(token.token, meaning.rank, line, how, readonly))
    elif asked is Role.PART:
        gathered.parts.add(meaning.part, piece)
    else:
        gathered.findings.append(_api_key(asked, line))
    return True


def _take_rest(piece: Piece, rank: int, gathered: _Gathered) -> None:
    value = piece.value.reveal()
    from_redis = scheme_of(value) in {"redis", "rediss"}
    rest = read_redis(value, piece.line) if from_redis else read_rest_url(value, piece.line)
    if rest.url is not None and missing_host_end(rest.url.host, stays_open=piece.stays_open):
        message = "The REST address is cut off: what is missing is the end of its host; Upstash's ends in .upstash.io."
        problem = Problem("cut_off", message, COPY_AGAIN, Severity.ERROR, REST_URL, piece.line)
        gathered.findings.append(problem)
        return
    gathered.findings += rest.findings
    if rest.url is not None:
        gathered.urls.append(FoundRest(rest.url, rank, piece.line, piece.how, derived=from_redis))
    if rest.token is not None and (token := read_token(rest.token.reveal(), piece.line).token) is not None:
        gathered.tokens.append(FoundToken(token, 0, piece.line, piece.how, candidate=True))


def _answer(gathered: _Gathered, *, complete: bool = True, after: FailedTest = NOTHING_FAILED) -> Recognition:
    gathered.parts.finish()
    for url, line, how in gathered.parts.databases:
        database = read_database(url.reveal(), line, is_built=True)
        gathered.findings += database.findings
        if database.url is not None:
            gathered.databases.append(FoundDatabase(database.url, Role.DATABASE, 1, line, how))
    for piece in gathered.parts.caches:
        _take_rest(piece, 1, gathered)
    gathered.findings += gathered.parts.findings
    _settle_bare(gathered)
    database_choice = choose_database(gathered.databases, after)
    cache = choose_cache(gathered.urls, gathered.tokens, after)
    chosen = [*database_choice.findings, *cache.findings]
    findings = [*_not_replaced(_of_taken(gathered.findings, database_choice), chosen, after), *chosen]
    if not complete:
        findings = [p for p in findings if p.code not in {"missing_token", "missing_rest_url"}]
    return Recognition(
        credentials=Credentials(database_choice.database, database_choice.direct, cache.url, cache.token),
        fields=(*database_choice.fields, *cache.fields),
        ignored=tuple(sorted(set(gathered.ignored))[:_IGNORED_SHOWN]),
        findings=_superseded(findings),
        candidates=(*database_choice.candidates, *cache.candidates),
    )


def _settle_bare(gathered: _Gathered) -> None:
    """Lines that are nothing but one long word may be tokens; what they plainly are instead is said.

    Beside a database alone such a word is as likely an id, unless it ends as a token does.
    """
    for found in gathered.bare[-_MOST_PIECES:]:
        if gathered.databases and not gathered.urls and not found.token.reveal().endswith("="):
            gathered.ignored.append(Ignored(found.line, "one long word: a token needs the REST address beside it"))
            continue
        token = read_token(found.token.reveal(), found.line)
        if token.token is not None:
            gathered.tokens.append(found)
        else:
            gathered.findings += token.findings


def _of_taken(findings: list[Problem], choice: DatabaseChoice) -> list[Problem]:
    """Without what is wrong with an address that is not taken: to mend it would change nothing."""
    taken = {found.line for found in choice.fields}
    passed_over = {candidate.line for candidate in choice.candidates} - taken
    return [p for p in findings if p.field not in {DATABASE_URL, DIRECT_URL} or p.line not in passed_over]


def _not_replaced(findings: list[Problem], chosen: list[Problem], after: FailedTest) -> list[Problem]:
    """Without what is wrong with a value whose place a later paste took."""
    names = {one.field for one in chosen if one.code == "in_place"}
    names |= {DIRECT_URL} if DATABASE_URL in names else set()
    return [one for one in findings if one.field not in names or (one.line or 0) > after.lines]


def _superseded(findings: list[Problem]) -> tuple[Problem, ...]:
    """The same thing is said once for each field and line."""
    unique = {(p.code, p.field, p.line): p for p in findings}
    return tuple(unique.values())


def _api_key(role: Role, line: int) -> Problem:
    if role is Role.NEON_KEY:
        message = "This is a key of Neon's API; it opens the account, not the database."
        cure = "Copy the connection string from the console. Keep the key out of the project."
        return Problem("neon_api_key", message, cure, Severity.WARN, DATABASE_URL, line)
    message = "This is a management key of Upstash; it opens the account, not the database."
    cure = "Copy the REST address and token of the database. Keep the key out of the project."
    return Problem("upstash_api_key", message, cure, Severity.WARN, REST_TOKEN, line)


def _is_rest(value: str, piece: Piece, line: PastedLine) -> bool:
    """Whether a web address without a telling name can be the REST address."""
    place = value.partition("://")[2].partition("/")[0].rpartition("@")[2].lower()
    host = place.partition(":")[0]
    if host.endswith(UPSTASH):
        return True
    is_local = host in {"localhost", "127.0.0.1"} or place.startswith("[::1]")
    return is_local and (piece.name.lower() == "url" or "bearer" in line.text.lower() or piece.how is Written.CURL)


def _is_console(value: str) -> bool:
    return value.startswith(("https://console.neon.tech", "https://console.upstash.com"))


def _unused(pieces: list[Piece]) -> str:
    first = pieces[0]
    # What looks like a name before "=" may be the body of a token that ends in "=".
    is_named = first.name and first.value.reveal().strip("=")
    named = showable(first.name) if is_named else "a value" if first.name else "an address"
    return f"{named}, which set-up does not need"
