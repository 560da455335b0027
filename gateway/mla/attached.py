"""The files that travel with a message, and the evidence items that describe them.

An item of the manifest says by its `channel` whether its file travels here. Item and
file are matched by `file_name`, one to one. What can be measured of a file is added
to its item when the message is submitted, and compared with it after receipt.

Documents reach the functions here before and after they were checked, so they raise
nothing, whatever a document holds. What is malformed counts as absent: that it is
malformed is for the check of the form to say.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import MalformedError
from gateway.core.values import HexDigest, check_attachment_name
from gateway.mla.codelists import is_code
from gateway.mla.problems import (
    Found,
    Problem,
    ProblemCode,
    bounded,
    child,
    select,
    text_at,
    texts_at,
)
from gateway.mla.spellings import is_id
from gateway.mla.types import message_type
from gateway.mla.types.model import MessageType

_MANIFEST = "/payload/manifest"
_DIGEST = "SHA-256"
_DEFAULT_CHANNEL = "GATEWAY"
_IN_BAND = frozenset({"GATEWAY", "GATEWAY_CHUNKED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file as the node measured it, or as the envelope of its message names it.

    Attributes:
        name: File name.
        media_type: As whoever attached it named it; no proof of what it is.
        size: Bytes, before sealing.
        sha256: Digest, before sealing.
    """

    name: str
    media_type: str
    size: int
    sha256: HexDigest


def describe(
    document: JsonObject,
    files: Sequence[AttachedFile],
    *,
    new_id: Callable[[], str],
) -> tuple[JsonObject, list[Problem]]:
    """Return a form with what was measured in its items, and what does not fit.

    What the author gave is kept. A file without an item gets one that holds only what
    was measured, so that the check of the form names what is still missing.

    Args:
        document: What the author gave; not changed.
        files: The attached files, as measured.
        new_id: Returns a fresh id for an item that has no valid one.
    """
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is not None and _takes_files(declared):
        document = _described(document, files, new_id)
    return document, attachment_problems(document, files)


def attachment_problems(
    document: JsonObject, files: Sequence[AttachedFile]
) -> list[Problem]:
    """Return where the items of a document and the files with it disagree.

    Media types are not compared: on both sides they are what somebody said.

    Args:
        document: A document as received, or one that `describe` completed.
        files: The files with it.

    Returns:
        At most `MAX_FORM_PROBLEMS` problems, all of them blocking.
    """
    return bounded(_problems(document, files))


def item_ids(document: JsonObject) -> dict[str, str]:
    """Return the ids of those items whose file travels here, by file name."""
    ids: dict[str, str] = {}
    for _, item in _items(document):
        name, item_id = text_at(item, "file_name"), text_at(item, "item_id")
        if name is not None and item_id is not None and _is_in_band(item):
            ids.setdefault(name, item_id)
    return ids


# --- what an item says of itself ---


def _takes_files(declared: MessageType) -> bool:
    return any(field.name == "manifest" for field in declared.payload.fields)


def _items(document: JsonObject) -> list[Found]:
    return select(document, f"{_MANIFEST}/*")


def _is_in_band(item: JsonValue) -> bool:
    return text_at(item, "channel") in _IN_BAND


def _is_detached(item: JsonValue) -> bool:
    # An item of no known channel is neither: it may yet become either.
    return is_code("CHANNEL", text_at(item, "channel")) and not _is_in_band(item)


# --- adding what was measured ---


def _described(
    document: JsonObject, files: Sequence[AttachedFile], new_id: Callable[[], str]
) -> JsonObject:
    payload = document.get("payload")
    if not isinstance(payload, dict):
        return document
    manifest = payload.get("manifest", [])
    if not isinstance(manifest, list) or not (manifest or files):
        return document
    by_name: dict[str, AttachedFile] = {}
    for file in files:
        by_name.setdefault(file.name, file)
    named = {text_at(item, "file_name") for item in manifest}
    added: list[JsonValue] = [
        {"file_name": name, "channel": _DEFAULT_CHANNEL}
        for name in by_name
        if name not in named
    ]
    items = [_measured(item, by_name, new_id) for item in [*manifest, *added]]
    return document | {"payload": payload | {"manifest": items}}


def _measured(
    item: JsonValue, by_name: dict[str, AttachedFile], new_id: Callable[[], str]
) -> JsonValue:
    if not isinstance(item, dict):
        return item
    item_id = text_at(item, "item_id") or ""
    identified = item | {"item_id": item_id if is_id(item_id) else new_id()}
    name = text_at(item, "file_name")
    file = None if name is None else by_name.get(name)
    if file is None or _is_detached(item):
        return identified
    measured: JsonObject = {
        "media_type": file.media_type,
        "size_bytes": file.size,
        "digest_over": "PLAIN",
    }
    return measured | identified | _digests(item, file)


def _digests(item: JsonObject, file: AttachedFile) -> JsonObject:
    given = item.get("digests", [])
    if not isinstance(given, list) or _DIGEST in texts_at(given, "*/alg"):
        return {}
    return {"digests": [*given, {"alg": _DIGEST, "value": file.sha256}]}


# --- comparing items and files ---


def _problems(document: JsonObject, files: Sequence[AttachedFile]) -> Iterator[Problem]:
    declared = message_type(text_at(document, "/msg_type") or "")
    payload = document.get("payload")
    if declared is None or not isinstance(payload, dict):
        return
    if not _takes_files(declared):
        if files:
            sentence = f"payload: attachments, expected none with {declared.name}"
            yield Problem("/payload", ProblemCode.SCHEMA, sentence)
        return
    if isinstance(payload.get("manifest", []), list):
        yield from _differences(_items(document), files)


def _differences(
    items: Sequence[Found], files: Sequence[AttachedFile]
) -> Iterator[Problem]:
    by_name: dict[str, list[AttachedFile]] = {}
    for file in files:
        by_name.setdefault(file.name, []).append(file)
    in_band: set[str] = set()
    for item in items:
        name = text_at(item.value, "file_name")
        if name is None:
            continue
        namesakes = by_name.get(name, [])
        if _is_detached(item.value):
            yield from _detached_problems(item, namesakes)
        elif name in in_band:
            yield _at_name(item, "used twice, expected a name of its own")
        else:
            yield from _in_band_problems(item, name, namesakes)
            in_band.add(name)
    described = {text_at(item.value, "file_name") for item in items}
    for number, file in enumerate(files, 1):
        if file.name not in described:
            sentence = f"manifest: no item for attachment {number}, expected one"
            yield Problem(_MANIFEST, ProblemCode.SCHEMA, sentence)


def _detached_problems(
    item: Found, namesakes: Sequence[AttachedFile]
) -> Iterator[Problem]:
    if namesakes:
        expected = " or ".join(sorted(_IN_BAND))
        sentence = f"channel: another, expected {expected} because a file is attached"
        yield Problem(child(item.pointer, "channel"), ProblemCode.SCHEMA, sentence)


def _in_band_problems(
    item: Found, name: str, namesakes: Sequence[AttachedFile]
) -> Iterator[Problem]:
    if not _is_safe(name):
        yield _at_name(
            item, "unsafe to save under, expected no path, device or hidden character"
        )
    if len(namesakes) > 1:
        found = f"{len(namesakes)} attachments of this name"
        yield _at_name(item, f"{found}, expected one")
    elif namesakes:
        yield from _mismatches(item, namesakes[0])
    elif _is_in_band(item.value):
        sentence = "file_name: no such attachment, expected one because of the channel"
        yield Problem(child(item.pointer, "file_name"), ProblemCode.REF, sentence)


def _at_name(item: Found, words: str) -> Problem:
    pointer = child(item.pointer, "file_name")
    return Problem(pointer, ProblemCode.SCHEMA, f"file_name: {words}")


def _is_safe(name: str) -> bool:
    try:
        check_attachment_name(name)
    except MalformedError:
        return False
    return True


def _mismatches(item: Found, file: AttachedFile) -> Iterator[Problem]:
    for pointer, size in select(item.value, "size_bytes"):
        if isinstance(size, int) and size != file.size:
            yield _mismatch(item.pointer + pointer)
    digests = select(item.value, "digests/*")
    for pointer, digest in digests:
        value = text_at(digest, "value") or file.sha256
        if text_at(digest, "alg") == _DIGEST and value != file.sha256:
            yield _mismatch(f"{item.pointer}{pointer}/value")
    if digests and _DIGEST not in texts_at(item.value, "digests/*/alg"):
        sentence = f"digests: no {_DIGEST}, expected that of the attachment"
        yield Problem(child(item.pointer, "digests"), ProblemCode.SCHEMA, sentence)


def _mismatch(pointer: str) -> Problem:
    name = pointer.rpartition("/")[2]
    sentence = f"{name}: another than measured, expected that of the attachment"
    return Problem(pointer, ProblemCode.HASH, sentence)
