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
    purpose = text_at(document, "/payload/cr_purpose")
    consent = text_at(document, "/payload/consent")
    if purpose is None or purpose == "CRIM":
        return
    if consent is None:
        yield "/payload/consent"
        return
    enough = {"yes", "unknown"} if purpose in _MAY_BE_UNKNOWN else {"yes"}
    if purpose in _NEED_CONSENT and consent not in enough:
        yield "/payload/consent"


def _untold(document: JsonObject) -> Iterator[str]:
    is_ok = text_at(document, "/payload/result") == "CR_OK"
    none_recorded = True in values_at(document, "/payload/none_recorded")
    if is_ok and none_recorded == has(document, "/payload/convictions/*"):
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
        for name in ("surname", "birth_date"):
            if not has(person, name):
                yield child(pointer, name)


CONSENT_GIVEN = Rule(
    "expected the consent of the person, because the purpose is not criminal "
    "proceedings",
    ProblemCode.SCHEMA,
    _consent,
)
RECORDS_TOLD = Rule(
    "expected convictions, or that none is recorded",
    ProblemCode.SCHEMA,
    _untold,
)
CONVICTIONS_COMPLETE = Rule(
    "not in this conviction, expected the short id of an offence, sanction or decision "
    "of it",
    ProblemCode.REF,
    _dangling,
)
UNIQUE_PERSON = Rule(
    "missing, advised so that the register finds one person",
    ProblemCode.SCHEMA,
    _nameless,
    blocking=False,
)
