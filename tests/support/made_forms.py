"""The smallest valid message of any declared type, made from its declaration."""

from typing import Final

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla import spellings
from gateway.mla.codelists import code_list
from gateway.mla.convictions import SANCTION
from gateway.mla.demanded import HEARING
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    Flag,
    FreeMap,
    Kind,
    ListOf,
    Need,
    Spelling,
    Whole,
)
from gateway.mla.types.model import MessageType

ID: Final = "019a9d3c-1f2e-7a4b-8c5d-6e7f80910203"
REFERENCE: Final = "R1"
EXAMPLES: Final = (
    (spellings.ID, ID),
    (spellings.REFERENCE, REFERENCE),
    (spellings.DATE, "2026-11-21"),
    (spellings.PARTIAL_DATE, "2026-11"),
    (spellings.MOMENT, "2026-11-21T23:05:09Z"),
    (spellings.LOCAL_MOMENT, "2026-11-21T23:05:09+02:00"),
    (spellings.DURATION, "P1Y"),
    (spellings.DECIMAL, "1500.00"),
    (spellings.COUNTRY, "EE"),
    (spellings.LANGUAGE, "en"),
    (spellings.CURRENCY, "EUR"),
    (spellings.HEX, "ab" * 32),
    (spellings.TIME_ZONE, "Europe/Oslo"),
    (spellings.MEDIA_TYPE, "text/csv"),
    (spellings.POINTER, "/payload"),
)
_PLAIN: Final = "Said in two words"

# What no declaration says by itself: rules between fields, by type.
_PAYLOADS: Final[dict[str, JsonObject]] = {
    "CR_RAR": {"supplied": {"Surname": "Tamm"}},
    "USE_FBK": {"items": [{"item_id": ID, "outcome": "USED_TRIAL"}]},
    "CR_RSP": {"result": "CR_OK", "none_recorded": True},
    "DEC": {"decisions": [{"measure_id": REFERENCE, "outcome": "ACCEPT"}]},
    "CNF_REQ": {
        "order": {
            "court": _PLAIN,
            "ref": REFERENCE,
            "date": "2026-11-21",
            "final_on": "2026-11-22",
        }
    },
    "DPC": {"items": [ID], "action": "RESTRICT"},
    "SVC_RSP": {
        "served": True,
        "date": "2026-11-21",
        "mode": "personal",
        "to": REFERENCE,
    },
    "CLR_RSP": {
        "answers": [
            {
                "item": 1,
                "text": [{"lang": "en", "text": _PLAIN, "is_translation": False}],
            }
        ]
    },
    "PRS_REQ": {"period_days": 60},
}
_MEASURE: Final[JsonObject] = {
    "measure_id": REFERENCE,
    "assist": "A01",
    "description": [{"lang": "en", "text": _PLAIN, "is_translation": False}],
}


def made_message(declared: MessageType) -> JsonObject:
    """Return the smallest complete message of a type that is valid."""
    document = _block(message_block(declared, Form.COMPLETE))
    role = "INFO" if declared.opens_case and "REQ" not in declared.senders else None
    sender = role or min(declared.senders, key=["REQ", "RQD", "INFO"].index)
    document |= {
        "msg_type": declared.name,
        "instrument": ["UNTOC"],
        "urgency": "EMERGENCY" if declared.name == "EMR_REQ" else "ROUTINE",
        "handling": ["TLP:AMBER"],
        "from": {"country": "EE", "authority_id": "moj.ee", "role": sender},
    }
    payload = document["payload"]
    assert isinstance(payload, dict)
    payload |= _PAYLOADS.get(declared.name, {})
    conviction = payload.get("conviction")
    if isinstance(conviction, dict):
        # Short ids are used once in a conviction, and the offence has one already.
        sanction = _block(SANCTION) | {"sanction_id": "S1"}
        conviction["sanctions"] = [sanction]
    if declared.opens_case and "measures" in payload:
        payload["measures"] = [_MEASURE]
        person: JsonObject = {
            "person_id": REFERENCE,
            "kind": "natural",
            "role": "WITNESS",
            "surname": "Tamm",
        }
        payload["persons"] = [person]
        payload.setdefault("hearing", _block(HEARING))
    _fill(document, message_block(declared, Form.COMPLETE), document)
    return document


def _fill(here: JsonObject, block: Block, document: JsonObject) -> None:
    for field in block.fields:
        condition = field.condition
        if field.name not in here and condition and condition.holds(document, here):
            here[field.name] = _value(field.kind)
        if field.name in here:
            _fill_inside(here[field.name], field.kind, document)


def _fill_inside(value: JsonValue, kind: Kind, document: JsonObject) -> None:
    match kind:
        case Block() if isinstance(value, dict):
            _fill(value, kind, document)
        case ListOf() if isinstance(value, list):
            for item in value:
                _fill_inside(item, kind.item, document)
        case Either() if isinstance(value, dict):
            _fill(value, kind.block, document)
        case _:
            return


def _block(block: Block) -> JsonObject:
    return {
        field.name: _value(field.kind)
        for field in block.fields
        if field.need is Need.MANDATORY
    }


def _value(kind: Kind) -> JsonValue:
    match kind:
        case ListOf():
            return [_value(kind.item) for _ in range(kind.least)]
        case Block():
            return _block(kind)
        case Either():
            return _value(kind.text)
        case FreeMap():
            return {"needed_by": "2026-11-21"}
        case _:
            return _plain(kind)


def _plain(kind: Spelling | Code | Choice | Flag | Whole) -> JsonValue:
    match kind:
        case Spelling():
            return next((text for one, text in EXAMPLES if one is kind), _PLAIN)
        case Code():
            codes = kind.only or tuple(code_list(kind.list_name).rows)
            return next(code for code in codes if code not in kind.never)
        case Choice():
            return kind.values[0]
        case Flag():
            return True
        case Whole():
            return kind.least
