"""What the two authorities say to each other: the sample cases, in their order.

A sample's ids are those of its book; on the way each message gets an id of its own,
and whoever answers or refers names the message that really came. The first case has
one more transmission, of a file too large for a sample.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import resources

from gateway.core.canonical import JsonObject, JsonValue
from gateway.demo import large_item
from gateway.mla.problems import text_at, texts_at, values_at

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
_CONTENT = "content_text"


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file to attach; `name` is the `file_name` of its item in the form."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the script.

    Attributes:
        case: Key of the sample case, for the audience.
        sample_id: The message's id in the sample.
        answers: The sample id it answers, or empty.
        refs: Sample ids of other messages that it refers to.
        is_from_requester: Which of the two sides speaks.
        form: What its author writes.
        files: What its author attaches.
        generated_bytes: If not 0, the author attaches a file of this size too, made
            by the player and named `large_item.FILE_NAME`.
    """

    case: str
    title: str
    sample_id: str
    answers: str
    is_from_requester: bool
    form: JsonObject = field(repr=False)
    refs: tuple[str, ...] = ()
    files: tuple[SampleFile, ...] = ()
    generated_bytes: int = 0

    @property
    def msg_type(self) -> str:
        """Type of the message."""
        return str(self.form["msg_type"])


def lines() -> list[Line]:
    """Return the messages to be played, in order."""
    samples = json.loads(
        resources.files("gateway.demo").joinpath("samples.json").read_bytes(),
    )
    first, *others = samples["cases"]
    played = _with_large_item(list(_playable(first)))
    for case in others:
        played.extend(_playable(case))
    return played


def _playable(case: JsonObject) -> Iterator[Line]:
    attached: set[str] = set()
    for message in _objects(case, "messages/*"):
        yield _line(case, message, _evidence(case, message, attached))


def _line(case: JsonObject, message: JsonObject, evidence: list[JsonObject]) -> Line:
    form = {k: v for k, v in message.items() if k not in _NODE_FIELDS}
    payload = form["payload"]
    if evidence and isinstance(payload, dict):
        manifest: list[JsonValue] = [
            {k: v for k, v in row.items() if k != _CONTENT} for row in evidence
        ]
        form["payload"] = payload | {"manifest": manifest}
    return Line(
        case=str(case["key"]),
        title=str(case["title"]),
        sample_id=str(message["msg_id"]),
        answers=text_at(message, "in_reply_to") or "",
        refs=tuple(sorted(texts_at(message, "refs/*"))),
        is_from_requester=text_at(message, "from/role") == "REQ",
        form=form,
        files=tuple(
            SampleFile(str(row["file_name"]), str(row[_CONTENT]).encode())
            for row in evidence
        ),
    )


def _evidence(
    case: JsonObject, message: JsonObject, attached: set[str]
) -> list[JsonObject]:
    """Return the rows of the case's evidence that come with a message: each once."""
    named = texts_at(message, "payload/results/*/items/*")
    if text_at(message, "msg_type") == "CR_RSP":
        named |= texts_at(message, "payload/items/*")
    rows = [
        row
        for row in _objects(case, "evidence/*")
        if text_at(row, "item_id") in named - attached
    ]
    attached |= named
    return rows


def _objects(case: JsonObject, path: str) -> list[JsonObject]:
    return [value for value in values_at(case, path) if isinstance(value, dict)]


def _with_large_item(case: list[Line]) -> list[Line]:
    """Return the lines of a case with the large file after the evidence receipt."""
    types = [line.msg_type for line in case]
    response, accepted = case[types.index("RSP")], case[types.index("EVD_ACK")]
    sent = replace(
        response,
        sample_id=large_item.MESSAGE_ID,
        answers=response.answers,
        form=large_item.transmission(response.form),
        files=(),
        generated_bytes=large_item.FILE_BYTES,
    )
    receipt = replace(
        accepted,
        sample_id=large_item.RECEIPT_ID,
        answers=sent.sample_id,
        form=large_item.receipt(accepted.form),
    )
    place = case.index(accepted) + 1
    return [*case[:place], sent, receipt, *case[place:]]
