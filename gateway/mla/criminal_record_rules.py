"""Rules between the fields of criminal-record messages.

After Framework Decision 2009/315/JHA, articles 4, 6, 7 and 11.
"""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import (
    ProblemCode,
    child,
    has,
    select,
    text_at,
    texts_at,
    values_at,
)
from gateway.mla.rules import Rule

# The person asks, or agrees; of the other purposes the law of the State decides.
_NEED_CONSENT = frozenset({"CHILDREN", "EMPLOYMENT", "CLEARANCE"})
# Of those, the register may be asked although it is not known whether there is one.
_MAY_BE_UNKNOWN = frozenset({"CHILDREN"})


def _consent(document: JsonObject) -> Iterator[str]:
    # The request for records by itself, and as one measure of a request for more.
    for pointer in ("/payload", "/payload/criminal_record"):
        purpose = text_at(document, f"{pointer}/cr_purpose")
        consent = text_at(document, f"{pointer}/consent")
        enough = {"yes", "unknown"} if purpose in _MAY_BE_UNKNOWN else {"yes"}
        # Where it is missing, the declaration of the field says so.
        if purpose in _NEED_CONSENT and consent not in {None, *enough}:
            yield f"{pointer}/consent"


def _untold(document: JsonObject) -> Iterator[str]:
    is_ok = text_at(document, "/payload/result") == "CR_OK"
    for none_recorded in values_at(document, "/payload/none_recorded"):
        if is_ok and none_recorded is has(document, "/payload/convictions/*"):
            yield "/payload/convictions"


def _dangling(document: JsonObject) -> Iterator[str]:
    for path in ("/payload/conviction", "/payload/convictions/*"):
        for pointer, conviction in select(document, path):
            known = texts_at(conviction, "offences/*/offence_id") | texts_at(
                conviction, "sanctions/*/sanction_id"
            )
            known |= texts_at(conviction, "decisions/*/decision_id")
            for inner, value in (
                *select(conviction, "relations/*/from"),
                *select(conviction, "relations/*/to/*"),
            ):
                if isinstance(value, str) and value not in known:
                    yield f"{pointer}{inner}"


def _nameless(document: JsonObject) -> Iterator[str]:
    for pointer, person in select(document, "/payload/person"):
        for name in ("surname", "forenames", "sex", "birth_date", "nationalities"):
            if not has(person, name):
                yield child(pointer, name)


def _repeated(document: JsonObject) -> Iterator[str]:
    for path in ("/payload/conviction", "/payload/convictions/*"):
        for pointer, conviction in select(document, path):
            seen: set[str] = set()
            for inner, value in (
                *select(conviction, "offences/*/offence_id"),
                *select(conviction, "sanctions/*/sanction_id"),
                *select(conviction, "decisions/*/decision_id"),
            ):
                if isinstance(value, str) and value in seen:
                    yield f"{pointer}{inner}"
                seen.add(str(value))


def _nothing_supplied(document: JsonObject) -> Iterator[str]:
    is_empty = values_at(document, "/payload/supplied") == [{}]
    if is_empty and not has(document, "/payload/not_available/*"):
        yield "/payload/supplied"


def _not_stored(document: JsonObject) -> Iterator[str]:
    is_refused = False in values_at(document, "/payload/stored")
    if is_refused and not has(document, "/payload/reason"):
        yield "/payload/reason"


CONSENT_GIVEN = Rule(
    "expected the consent of the person, because the purpose demands it",
    ProblemCode.SCHEMA,
    _consent,
)
RECORDS_TOLD = Rule(
    "expected convictions, or that none is recorded",
    ProblemCode.SCHEMA,
    _untold,
)
CONVICTION_IDS_RESOLVE = Rule(
    "not in this conviction, expected the short id of an offence, sanction or decision "
    "of it",
    ProblemCode.REF,
    _dangling,
)
CONVICTION_IDS_ARE_UNIQUE = Rule(
    "used twice in this conviction, expected a short id of its own",
    ProblemCode.SCHEMA,
    _repeated,
)
SOMETHING_SUPPLIED = Rule(
    "empty, expected what was asked for, or what of it cannot be supplied",
    ProblemCode.SCHEMA,
    _nothing_supplied,
)
REASON_WHY_NOT_STORED = Rule(
    "missing, advised because the conviction was not stored",
    ProblemCode.SCHEMA,
    _not_stored,
    blocking=False,
)
UNIQUE_PERSON = Rule(
    "missing, advised so that the register finds one person",
    ProblemCode.SCHEMA,
    _nameless,
    blocking=False,
)
