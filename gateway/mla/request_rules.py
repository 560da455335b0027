"""Rules between the fields of requests: thresholds, validation, what points at what."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.asset_rules import AMOUNTS_HAVE_CURRENCY
from gateway.mla.codelists import code_list
from gateway.mla.criminal_record_rules import CONSENT_GIVEN
from gateway.mla.demanded import DEMANDS, Demand
from gateway.mla.identifiers import is_well_formed
from gateway.mla.problems import (
    ProblemCode,
    child,
    has,
    select,
    text_at,
    texts_at,
    values_at,
)
from gateway.mla.rules import SPECIAL_DATA_JUSTIFIED, Rule

# The least maximum penalty for offences of the EU list and for traffic and content
# data under Regulation (EU) 2023/1543, article 5(4): three years.
_SERIOUS_MONTHS = 36

# Those for which article 5(4)(b) and (c) asks for no such maximum: terrorism, abuse of
# children, attacks on information systems, fraud with means of payment. The common
# table of offences does not tell all of them apart, so whole categories pass.
_LISTED_OFFENCES = ("03", "10", "18", "19")

_VALIDATING = frozenset({"JUDGE", "INV_JUDGE", "PROSECUTOR"})


def _listed_penalty(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/offences/*"):
        if text_at(value, "eu32") and not _is_serious(value):
            yield child(pointer, "max_penalty_months")


def _is_serious(offence: JsonValue) -> bool:
    months = offence.get("max_penalty_months") if isinstance(offence, dict) else None
    return isinstance(months, int) and months >= _SERIOUS_MONTHS


def _traffic_and_content(document: JsonObject) -> Iterator[str]:
    if "EEV" not in texts_at(document, "/instrument/*"):
        return
    offences = values_at(document, "/payload/offences/*")
    if any(_is_serious(offence) or _is_listed(offence) for offence in offences):
        return
    for pointer, value in select(document, "/payload/measures/*/data_cats/*"):
        if str(value).startswith(("TRAFFIC", "TRF.", "CONTENT", "CNT.")):
            yield pointer


def _is_listed(offence: JsonValue) -> bool:
    return (text_at(offence, "ecris") or "").startswith(_LISTED_OFFENCES)


def _validation(document: JsonObject) -> Iterator[str]:
    if text_at(document, "/payload/requesting_authority/type") != "OTHER_COMPETENT":
        return
    if text_at(document, "/payload/emergency/ex_post_validation_due"):
        return
    if text_at(document, "/payload/validating_authority/type") not in _VALIDATING:
        yield "/payload/validating_authority"


def _video_consent(document: JsonObject) -> Iterator[str]:
    hearing = "/payload/hearing"
    if (
        text_at(document, f"{hearing}/mode") == "VIDEO"
        and text_at(document, f"{hearing}/capacity") == "cap:ACCUSED"
        and text_at(document, f"{hearing}/consent") is None
    ):
        yield f"{hearing}/consent"


def _unclaimed_emergency(document: JsonObject) -> Iterator[str]:
    if text_at(document, "/urgency") != "EMERGENCY":
        yield "/urgency"


def _consent_of_suspect(document: JsonObject) -> Iterator[str]:
    hearing = "/payload/hearing"
    if (
        text_at(document, f"{hearing}/mode") == "VIDEO"
        and text_at(document, f"{hearing}/capacity") == "cap:SUSPECT"
        and text_at(document, f"{hearing}/consent") is None
    ):
        yield f"{hearing}/consent"


def _emergency_for_assets(document: JsonObject) -> Iterator[str]:
    if text_at(document, "/urgency") != "EMERGENCY":
        return
    measures = texts_at(document, "/payload/measures/*/assist")
    reason = text_at(document, "/payload/urgency_reason")
    if reason not in {"U07", "U08"} and any(code.startswith("A3") for code in measures):
        yield "/payload/urgency_reason"


LISTED_PENALTY = Rule(
    "expected at least 36, because the offence is said to be on the EU list",
    ProblemCode.SCHEMA,
    _listed_penalty,
)
SERIOUS_FOR_TRAFFIC = Rule(
    "expected an offence with a maximum of at least 36 months, or one that Regulation "
    "(EU) 2023/1543 lists, for traffic or content data under it",
    ProblemCode.BASIS,
    _traffic_and_content,
)
VALIDATED = Rule(
    "expected a judge, investigating judge or prosecutor who validates, because the "
    "requesting authority is another competent authority",
    ProblemCode.SCHEMA,
    _validation,
)
VIDEO_CONSENT = Rule(
    "missing, expected because an accused person is to be heard by video",
    ProblemCode.SCHEMA,
    _video_consent,
)
EMERGENCY_IS_CLAIMED = Rule(
    "expected EMERGENCY, because this is an emergency request",
    ProblemCode.SCHEMA,
    _unclaimed_emergency,
)
CONSENT_OF_SUSPECT = Rule(
    "missing, advised because the hearing of a suspect by video may be refused "
    "without it",
    ProblemCode.SCHEMA,
    _consent_of_suspect,
    blocking=False,
)
EMERGENCY_IS_VITAL = Rule(
    "expected a threat to life or to critical infrastructure (U07, U08), because an "
    "emergency is claimed for measures on accounts or assets",
    ProblemCode.SCHEMA,
    _emergency_for_assets,
)


# --- what points at what inside one message ---

_POINTERS_TO = {
    "/payload/persons/*/person_id": (
        "/payload/measures/*/person_ids/*",
        "/payload/measures/*/asset/owner_ids/*",
        "/payload/assets/*/owner_ids/*",
        "/payload/service/addressee",
        "/payload/transfer/person_id",
        "/payload/appearance/person_id",
        "/payload/affected/*/person_id",
        "/payload/statements/*/person_ids/*",
        "/personal_data/*/person_ids/*",
    ),
    "/payload/identifiers/*/identifier_id": ("/payload/measures/*/identifiers/*",),
}

_UNIQUE = (
    "/payload/persons/*/person_id",
    "/payload/measures/*/measure_id",
    "/payload/identifiers/*/identifier_id",
    "/payload/assets/*/asset_id",
)


def _dangling(document: JsonObject) -> Iterator[str]:
    for target, paths in _POINTERS_TO.items():
        known = texts_at(document, target)
        for path in paths:
            unknown = texts_at(document, path) - known
            if unknown:
                yield from _pointers_of(unknown, document, path)


def _pointers_of(
    texts: frozenset[str], document: JsonObject, path: str
) -> Iterator[str]:
    for pointer, value in select(document, path):
        if isinstance(value, str) and value in texts:
            yield pointer


def _repeated(document: JsonObject) -> Iterator[str]:
    for path in _UNIQUE:
        seen: set[str] = set()
        for pointer, value in select(document, path):
            if isinstance(value, str) and value in seen:
                yield pointer
            seen.add(str(value))


def _nameless(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/persons/*"):
        if text_at(value, "kind") == "legal":
            if text_at(value, "name") is None:
                yield child(pointer, "name")
        elif text_at(value, "surname") is None and not has(value, "aliases/*"):
            yield child(pointer, "surname")


def _unnamed_matter(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/related/*"):
        if not any(has(value, name) for name in ("case_id", "ref", "authority")):
            yield child(pointer, "ref")


def _served_too_late(document: JsonObject) -> Iterator[str]:
    before = text_at(document, "/payload/service/serve_before")
    hearing = text_at(document, "/payload/service/hearing_at")
    if before and hearing and before > hearing[: len(before)]:
        yield "/payload/service/serve_before"


def _no_extradition(document: JsonObject) -> Iterator[str]:
    pointer = "/payload/arrest/extradition_will_follow"
    if False in values_at(document, pointer):
        yield pointer


def _fact_or_assessment(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/persons/*"):
        if not has(value, "data_basis"):
            yield child(pointer, "data_basis")


RELATED_IS_NAMED = Rule(
    "missing, expected the case or file number, or the authority, of a related matter",
    ProblemCode.SCHEMA,
    _unnamed_matter,
)
SERVED_IN_TIME = Rule(
    "after the hearing, advised to be before it",
    ProblemCode.SCHEMA,
    _served_too_late,
    blocking=False,
)
EXTRADITION_FOLLOWS = Rule(
    "false, advised to be true because the arrest rests on the statement that "
    "extradition will be requested",
    ProblemCode.SCHEMA,
    _no_extradition,
    blocking=False,
)
FACT_OR_ASSESSMENT = Rule(
    "missing, advised so that facts about a person are told from assessments",
    ProblemCode.SCHEMA,
    _fact_or_assessment,
    blocking=False,
)
REFERENCES_RESOLVE = Rule(
    "not in this message, expected the short id of something in it",
    ProblemCode.REF,
    _dangling,
)
IDS_ARE_UNIQUE = Rule(
    "used twice, expected a short id of its own", ProblemCode.SCHEMA, _repeated
)
PERSONS_ARE_NAMED = Rule(
    "missing, advised so that the person can be told apart",
    ProblemCode.SCHEMA,
    _nameless,
    blocking=False,
)


# --- identifiers ---


def _malformed_identifiers(document: JsonObject) -> Iterator[str]:
    for path in ("/payload/identifiers/*", "/payload/measures/*/identifiers/*"):
        for pointer, value in select(document, path):
            kind, text = text_at(value, "type"), text_at(value, "value")
            if kind and text and not is_well_formed(kind, text):
                yield child(pointer, "value")


def _serviceless(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/identifiers/*"):
        is_local = text_at(value, "type") in {"USERNAME", "ACCOUNT_ID"}
        if is_local and text_at(value, "service") is None:
            yield child(pointer, "service")


IDENTIFIERS_WELL_FORMED = Rule(
    "unusual, advised to check it against its type",
    ProblemCode.SCHEMA,
    _malformed_identifiers,
    blocking=False,
)
NAMES_HAVE_SERVICES = Rule(
    "missing, advised because a name means nothing without its service",
    ProblemCode.SCHEMA,
    _serviceless,
    blocking=False,
)


# --- what a kind of assistance demands ---


def _unmet_demands(document: JsonObject) -> Iterator[str]:
    for pointer, measure in select(document, "/payload/measures/*"):
        block = code_list("ASSIST").column(text_at(measure, "assist") or "", "block")
        demand = DEMANDS.get(block)
        if demand and not _is_met(demand, document, measure):
            yield (
                child(pointer, demand.measure[0])
                if demand.measure
                else f"/payload/{block}"
            )


def _is_met(demand: Demand, document: JsonObject, measure: JsonValue) -> bool:
    if any(has(measure, field) for field in demand.measure):
        return True
    field = demand.payload
    return field is not None and has(document, f"/payload/{field.name}")


DEMANDS_MET = Rule(
    "missing, expected because a measure of this kind demands it",
    ProblemCode.SCHEMA,
    _unmet_demands,
)

REQUEST = (
    DEMANDS_MET,
    SPECIAL_DATA_JUSTIFIED,
    LISTED_PENALTY,
    SERIOUS_FOR_TRAFFIC,
    VALIDATED,
    VIDEO_CONSENT,
    CONSENT_OF_SUSPECT,
    CONSENT_GIVEN,
    EMERGENCY_IS_VITAL,
    REFERENCES_RESOLVE,
    IDS_ARE_UNIQUE,
    PERSONS_ARE_NAMED,
    IDENTIFIERS_WELL_FORMED,
    NAMES_HAVE_SERVICES,
    RELATED_IS_NAMED,
    SERVED_IN_TIME,
    AMOUNTS_HAVE_CURRENCY,
)
"""What holds for every request for assistance."""
