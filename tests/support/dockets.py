"""Cases as lists of messages: short to write, in the shape of docket rows."""

from dataclasses import dataclass
from datetime import datetime

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import UnixMs, parse_time

ASKING, ASKED = "moj.asking.example", "moj.asked.example"


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a case, as a case keeps it."""

    id: str
    box: str
    state: str
    accepted_at: UnixMs
    entry: JsonObject


def at(text: str) -> UnixMs:
    """Return a moment: `2026-10-05`, or with a time like `2026-10-05T08:00`."""
    whole = text if "T" in text else f"{text}T08:00"
    return parse_time(f"{whole}:00.000Z")


def said(  # noqa: PLR0913 - what a message says, one each
    name: str,
    when: str,
    payload: JsonObject | None = None,
    *,
    by: str = ASKING,
    to: str = "",
    instrument: str = "UNTOC",
    urgency: str = "ROUTINE",
    state: str = "",
) -> Said:
    """Return a message.

    Args:
        name: Its type; with `.2` for a second one of that type. It is its id as well.
        when: When it was sent.
        payload: What it says.
        by: Who sends it; we are the asking authority.
        to: The message it answers.
        instrument: The instrument it names.
        urgency: Its urgency.
        state: Of the message; on its way well, if not told.
    """
    other = ASKED if by == ASKING else ASKING
    parties: dict[str, JsonValue] = {
        "from": {"country": "AA", "authority_id": by, "role": _role(by)},
        "to": {"country": "BB", "authority_id": other, "role": _role(other)},
    }
    entry: JsonObject = {
        "msg_id": name,
        "msg_type": name.partition(".")[0],
        "created_at": datetime.fromtimestamp(at(when) / 1000).astimezone().isoformat(),
        "instrument": [instrument],
        "urgency": urgency,
        "payload": payload or {},
        **parties,
        **({"in_reply_to": to} if to else {}),
    }
    box = "out" if by == ASKING else "in"
    return Said(name, box, state or "received", at(when), entry)


def measures(*kinds: str) -> JsonObject:
    """Return the payload of a request for kinds of assistance, M1 and so on."""
    return {
        "measures": [
            {"measure_id": f"M{number}", "assist": kind}
            for number, kind in enumerate(kinds, 1)
        ]
    }


def decided(outcome: str, *measure_ids: str) -> JsonObject:
    """Return the payload of a decision on measures."""
    return {
        "decisions": [
            {"measure_id": one, "outcome": outcome} for one in measure_ids or ("M1",)
        ]
    }


def answered(*measure_ids: str, final: bool = True) -> JsonObject:
    """Return the payload of a response about measures."""
    results: list[JsonValue] = [
        {"measure_id": one, "result": "EXECUTED"} for one in measure_ids or ("M1",)
    ]
    return {"final": final, "results": results}


def _role(authority: str) -> str:
    return "REQ" if authority == ASKING else "RQD"
