"""The chain of custody of the evidence of one message, ready to be shown or printed.

It joins three accounts that vouch for each other: what the parties wrote in the
manifest, what looking at the files has shown, and what the log of this node says was
done with them, entry by entry. Pure data; `custody_html`, `case_uco` and whatever
prints it only spell it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.custody_rules import custody_problems
from gateway.mla.inspecting import item_of
from gateway.mla.problems import select, text_at

FORMAT = "mla-custody/1"

_STEPS = {
    "msg.send": "sent",
    "msg.deliver": "received by the addressee's node",
    "msg.opened": "opened by the addressee",
    "msg.receive": "received",
    "msg.check": "looked at by the node",
    "msg.access": "opened",
    "msg.export": "file fetched",
    "msg.hold": "held",
    "msg.reject": "set aside",
    "msg.refused": "refused by the addressee's node",
    "msg.expire": "expired",
    "msg.cancel": "withdrawn",
    "msg.erase": "content erased",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """What is known of the file of an item.

    Attributes:
        name: File name, as it was sent.
        size: In bytes.
        sha256: Of the plaintext, as the seal binds it.
        state: Of the attachment, as the node tells it.
        checked_at: When it was last looked at; empty if it was not.
        faults: What speaks against it.
        signatures: A line for each signature of a person.
    """

    name: str
    size: int
    sha256: str
    state: str
    checked_at: str = ""
    faults: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStep:
    """An entry of the log of this node about the message.

    Attributes:
        index: Its place in the log.
        at: When.
        kind: Kind of entry, such as `msg.access`.
        detail: What the entry says beside it, in the clear.
        told: What it discloses; empty unless an auditor asks.
        proof: File name of its proof; empty if it is not among those given.
    """

    index: int
    at: str
    kind: str
    detail: str = ""
    told: str = ""
    proof: str = ""

    @property
    def words(self) -> str:
        """What was done, in words."""
        return _STEPS.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyItem:
    """One item: what the manifest says of it, and what is known of its file."""

    item: JsonObject = field(repr=False)
    file: FileCheck | None = None

    @property
    def item_id(self) -> str:
        """Its id."""
        return text_at(self.item, "item_id") or ""

    @property
    def title(self) -> str:
        """Its title in the first language there is."""
        return text_at(self.item, "title/*/text") or text_at(self.item, "title") or ""

    @property
    def events(self) -> list[JsonObject]:
        """Its custody events, in order."""
        found = select(self.item, "custody/*")
        return [one.value for one in found if isinstance(one.value, dict)]

    @property
    def problems(self) -> list[str]:
        """What is wrong or doubtful with its custody."""
        return [problem.sentence for problem in custody_problems(self.item)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyReport:
    """The report of one message.

    Attributes:
        node: Authority whose node made it.
        made_at: When.
        purpose: Why its maker opened the message.
        access_index: Entry of that opening.
        message_id: The message.
        box: `in` if it was received, `out` if it was sent.
        peer: The other authority.
        document: The message as it was sent.
        items: Its evidence items, in the order of the manifest.
        steps: What the log says of it, oldest first.
    """

    node: str
    made_at: str
    purpose: str
    access_index: int
    message_id: str
    box: str
    peer: str
    document: JsonObject = field(repr=False)
    items: tuple[CustodyItem, ...]
    steps: tuple[NodeStep, ...]

    @property
    def case_id(self) -> str:
        """Case of the message."""
        return text_at(self.document, "/case_id") or ""


def items_of(
    document: JsonObject, files: Sequence[FileCheck]
) -> tuple[CustodyItem, ...]:
    """Return the items of a document with the files that are here.

    A file that no item describes comes last, with an empty item.
    """
    by_name = {file.name: file for file in files}
    items = [
        CustodyItem(
            item=found.value, file=by_name.get(text_at(found.value, "file_name") or "")
        )
        for found in select(document, "/payload/manifest/*")
        if isinstance(found.value, dict)
    ]
    lone = [file for file in files if not item_of(document, file.name)]
    return (*items, *(CustodyItem(item={}, file=file) for file in lone))


def as_json(report: CustodyReport) -> JsonObject:
    """Return a report as JSON for other programs."""
    return {
        "format": FORMAT,
        "node": report.node,
        "made_at": report.made_at,
        "purpose": report.purpose,
        "access_index": report.access_index,
        "message": {
            "id": report.message_id,
            "box": report.box,
            "peer": report.peer,
            "case": report.case_id,
            "type": text_at(report.document, "/msg_type") or "",
            "created_at": text_at(report.document, "/created_at") or "",
        },
        "items": [_item_json(item) for item in report.items],
        "log": [
            {
                "index": step.index,
                "at": step.at,
                "kind": step.kind,
                "detail": step.detail,
                "told": step.told,
                "proof": step.proof,
            }
            for step in report.steps
        ],
    }


def _item_json(item: CustodyItem) -> JsonObject:
    problems: list[JsonValue] = list(item.problems)
    shown: JsonObject = {"item": item.item, "custody_problems": problems}
    if item.file is not None:
        file = item.file
        shown["file"] = {
            "name": file.name,
            "size_bytes": file.size,
            "sha256": file.sha256,
            "state": file.state,
            "checked_at": file.checked_at,
            "faults": list(file.faults),
            "signatures": list(file.signatures),
        }
    return shown


def json_text(report: CustodyReport) -> bytes:
    """Return a report as the bytes of a JSON file."""
    return canonical.encode(as_json(report)) + b"\n"


def hash_list(report: CustodyReport) -> str:
    """Return a line for each digest of each file: `alg  hex  size  name`.

    Sorted by name; SHA-256 is the one that the seal binds, the others are those that
    the manifest states.
    """
    lines = []
    for item in report.items:
        file = item.file
        if file is None:
            continue
        digests = {"SHA-256": file.sha256}
        for found in select(item.item, "digests/*"):
            algorithm = text_at(found.value, "alg")
            value = text_at(found.value, "value")
            if algorithm and value and text_at(item.item, "digest_over") != "CIPHER":
                digests.setdefault(algorithm, value)
        lines += [
            (file.name, algorithm, f"{algorithm}  {value}  {file.size}  {file.name}\n")
            for algorithm, value in digests.items()
        ]
    return "".join(line for _, _, line in sorted(lines))
