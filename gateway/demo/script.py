"""What the two authorities say to each other: the sample cases, in their order.

A sample's ids are those of its book; on the way each message gets an id of its own,
and whoever answers names the message that really came. Messages that answer one
which is not played, or carry evidence files, are left out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources

from gateway.core.canonical import JsonObject
from gateway.mla.types import message_type

_NODE_FIELDS = frozenset(
    {
        "case_id",
        "created_at",
        "from",
        "in_reply_to",
        "msg_id",
        "needs_receipt",
        "prev_hash",
        "refs",
        "schema_version",
        "sent_at",
        "seq",
        "signatures",
        "to",
    },
)
_TYPES_WITH_EVIDENCE = frozenset({"RSP", "EVD", "EVD_ACK"})


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the script.

    Attributes:
        case: Key of the sample case, for the audience.
        sample_id: The message's id in the sample.
        answers: The sample id it answers, or empty.
        is_from_requester: Which of the two sides speaks.
        form: What its author writes.
    """

    case: str
    title: str
    sample_id: str
    answers: str
    is_from_requester: bool
    form: JsonObject = field(repr=False)

    @property
    def msg_type(self) -> str:
        """Type of the message."""
        return str(self.form["msg_type"])


def lines() -> list[Line]:
    """Return the messages to be played, in order."""
    samples = json.loads(
        resources.files("gateway.demo").joinpath("samples.json").read_bytes(),
    )
    played: list[Line] = []
    for case in samples["cases"]:
        played.extend(_playable(case))
    return played


def _playable(case: Mapping[str, object]) -> Iterator[Line]:
    known: set[str] = set()
    for message in _messages(case):
        name = str(message["msg_type"])
        declared = message_type(name)
        answers = str(message.get("in_reply_to", ""))
        if declared is None or name in _TYPES_WITH_EVIDENCE:
            continue
        if (answers and answers not in known) or not (known or declared.opens_case):
            continue
        known.add(str(message["msg_id"]))
        sender = message["from"]
        yield Line(
            case=str(case["key"]),
            title=str(case["title"]),
            sample_id=str(message["msg_id"]),
            answers=answers,
            is_from_requester=isinstance(sender, dict) and sender["role"] == "REQ",
            form={k: v for k, v in message.items() if k not in _NODE_FIELDS},
        )


def _messages(case: Mapping[str, object]) -> list[JsonObject]:
    messages = case["messages"]
    return messages if isinstance(messages, list) else []
