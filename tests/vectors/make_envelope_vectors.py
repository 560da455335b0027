"""Write the envelope vectors that are not there yet.

    python -m tests.vectors.make_envelope_vectors

Sealing is random, so a vector can't be made twice: files that exist are left alone.
Delete one to have it made again. What is tested is what is committed.
"""

import base64
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.canonical import JsonObject, JsonValue
from tests.support.envelope_vectors import (
    FOLDER,
    Fill,
    Vector,
    VectorKey,
    spell_vector,
)
from tests.support.forge import (
    ADDRESSEE,
    EXPIRES,
    MESSAGE_ID,
    SENDER,
    BytesEdit,
    JsonEdit,
    ListEdit,
    Recipe,
    content_key,
    encrypt,
    forge,
    kid_of,
    seed,
    wrap,
)

NOW = "2026-11-22T08:00:00.000Z"
NOT_BEFORE = "2026-11-20T00:00:00.000Z"
LATER = "2026-12-21T23:05:09.124Z"
AID, OTHER_AID = "0a" * 16, "0b" * 16
LARGE: JsonObject = {"msg_type": "MLA_REQ", "payload": {"facts": "a" * 34_000}}
CHUNK = 16_400  # of ciphertext
CHUNKS_AT = 56  # after salt and commitment
UNKNOWN = 8  # a throw-away key the recipient never had


@dataclass(frozen=True, slots=True)
class Case:
    """A vector to be made; contexts that are not named are as they should be."""

    comment: str
    expect: str
    recipe: Recipe = field(default_factory=Recipe)
    peer: str = SENDER
    recipient: str = ADDRESSEE
    now: str = NOW
    own_keys: tuple[int, ...] = (0, 1)
    retired_keys: tuple[int, ...] = ()
    not_before: str = NOT_BEFORE
    content_digest: str | None = None
    fill: Fill | None = None


# --- steps that break a rule ---


def put(**fields: JsonValue) -> JsonEdit:
    """Set fields; `from_` is spelled `from`."""
    return lambda value: value | {k.rstrip("_"): v for k, v in fields.items()}


def drop(name: str) -> JsonEdit:
    """Leave a field out."""
    return lambda value: {k: v for k, v in value.items() if k != name}


def swap(old: bytes, new: bytes) -> BytesEdit:
    """Replace bytes that are there exactly once."""

    def edit(raw: bytes) -> bytes:
        if raw.count(old) != 1:
            raise AssertionError(f"internal: {old!r} is there {raw.count(old)} times")
        return raw.replace(old, new)

    return edit


def flip(at: int) -> BytesEdit:
    """Change one bit."""

    def edit(raw: bytes) -> bytes:
        changed = bytearray(raw)
        changed[at] ^= 1
        return bytes(changed)

    return edit


def first(edit: BytesEdit) -> ListEdit:
    """Edit the first wrap or key."""
    return lambda items: [edit(items[0]), *items[1:]]


def row(edit: JsonEdit) -> JsonEdit:
    """Edit the first attachment."""

    def edit_all(value: JsonObject) -> JsonObject:
        rows = value["attachments"]
        assert isinstance(rows, list)  # what the recipe made
        assert isinstance(rows[0], dict)
        return value | {"attachments": [edit(rows[0]), *rows[1:]]}

    return edit_all


def repad(change: Callable[[bytes], bytes]) -> BytesEdit:
    """Edit an inner part without its padding, which `change` has to add."""
    return lambda inner: change(inner.rstrip(b"\0"))


def other_body(raw: bytes) -> BytesEdit:
    """Replace the body by one that the same key sealed for another header."""
    bound = hashlib.sha256(raw).digest()
    return lambda _body: encrypt(content_key(Recipe()), bound, bytes(4096))


def foreign_wrap(_wrap: bytes) -> bytes:
    """Replace a wrap by a good one of another envelope."""
    return wrap(0, hashlib.sha256(b"another header").digest(), content_key(Recipe()))


def second_wrap_of_another_key(wraps: list[bytes]) -> list[bytes]:
    """Keep the first wrap, whose envelope the second does not belong to."""
    header_raw = forge(Recipe(keys=(0, 1))).raw.split(b"\n", 2)[1]
    return [wraps[0], wrap(1, hashlib.sha256(header_raw).digest(), bytes(32))]


def header(edit: JsonEdit) -> Recipe:
    """Return a recipe whose header is edited before anything is bound to it."""
    return Recipe(edit_header=edit)


def header_raw(old: bytes, new: bytes) -> Recipe:
    """Return a recipe whose header is spelled in another way."""
    return Recipe(edit_header_raw=swap(old, new))


def with_attachment(edit: JsonEdit) -> Recipe:
    """Return a recipe with one attachment whose header row is edited."""
    return Recipe(attachments=((AID, 1000),), edit_header=row(edit))


def manifest(edit: JsonEdit) -> Recipe:
    """Return a recipe with two attachments and an edited manifest."""
    return Recipe(attachments=((AID, 1000), (OTHER_AID, 5)), edit_manifest=edit)


def reverse_rows(value: JsonObject) -> JsonObject:
    """Turn the order of the attachments round."""
    rows = value["attachments"]
    return value | {"attachments": rows[::-1] if isinstance(rows, list) else rows}


GOOD = {
    "ok": Case("Nothing is wrong.", "ok"),
    "ok-two-keys": Case(
        "Sealed to both keys the card names.",
        "ok",
        Recipe(keys=(1, 0)),
    ),
    "ok-one-key-retired": Case(
        "One of its two keys is retired; the other opens it.",
        "ok",
        Recipe(keys=(0, 1)),
        own_keys=(1,),
        retired_keys=(0,),
    ),
    "ok-attachments": Case(
        "Two attachments, described in the header's order, one of them empty.",
        "ok",
        Recipe(attachments=((OTHER_AID, 0), (AID, 123_456))),
    ),
    "ok-three-chunks": Case("The body has three chunks.", "ok", Recipe(message=LARGE)),
    "ok-last-moment": Case(
        "Received at the very moment it expires.", "ok", now=EXPIRES
    ),
}

ENCODING = {
    "empty": Case("No bytes.", "malformed", Recipe(edit_raw=lambda _: b"")),
    "over-limit": Case(
        "One byte more than 2 MiB.",
        "too-large",
        Recipe(edit_raw=lambda _: b"mla-envelope/1\n"),
        fill=Fill("61", 2 * 1024 * 1024 + 1 - 15),
    ),
    "magic-other-version": Case(
        "The first line names version 2.",
        "malformed",
        Recipe(edit_raw=lambda raw: raw.replace(b"envelope/1", b"envelope/2", 1)),
    ),
    "magic-carriage-return": Case(
        "The first line ends in CR LF.",
        "malformed",
        Recipe(edit_raw=lambda raw: raw.replace(b"\n", b"\r\n", 1)),
    ),
    "magic-alone": Case(
        "The first line has no end.",
        "malformed",
        Recipe(edit_raw=lambda _: b"mla-envelope/1"),
    ),
    "header-line-missing": Case(
        "Nothing follows the first line.",
        "malformed",
        Recipe(edit_raw=lambda _: b"mla-envelope/1\n"),
    ),
    "wraps-line-missing": Case(
        "The envelope ends within the line of wraps.",
        "malformed",
        Recipe(edit_raw=lambda raw: raw[: raw.index(b"\n[") + 900]),
    ),
    "body-missing": Case(
        "The envelope ends after the line of wraps.",
        "malformed",
        Recipe(edit_body=lambda _: b""),
    ),
    "header-over-limit": Case(
        "The header line is longer than 64 KiB.",
        "too-large",
        Recipe(edit_raw=lambda _: b"mla-envelope/1\n"),
        fill=Fill("61", 64 * 1024 + 1),
    ),
    "wraps-over-limit": Case(
        "The line of wraps is longer than 64 KiB.",
        "too-large",
        Recipe(edit_raw=lambda raw: raw[: raw.index(b"\n[") + 2]),
        fill=Fill("61", 64 * 1024),
    ),
    "header-empty": Case(
        "The header is an empty line.",
        "malformed",
        Recipe(edit_header_raw=lambda _: b""),
    ),
    "header-white-space": Case(
        "White space between tokens.",
        "malformed",
        header_raw(b'"suite":1', b'"suite": 1'),
    ),
    "header-key-order": Case(
        "`to` stands before `suite`.",
        "malformed",
        header_raw(b'"suite":1,"to":"pgr.pt"', b'"to":"pgr.pt","suite":1'),
    ),
    "header-repeated-key": Case(
        "`suite` is there twice.",
        "malformed",
        header_raw(b'"suite":1', b'"suite":1,"suite":1'),
    ),
    "header-float": Case("1.0.", "malformed", header_raw(b'"suite":1', b'"suite":1.0')),
    "header-exponent": Case(
        "An integer with an exponent.",
        "malformed",
        header_raw(b'"suite":1', b'"suite":1e0'),
    ),
    "header-negative-zero": Case(
        "-0 is a second spelling of 0.",
        "malformed",
        header_raw(b'"suite":1', b'"suite":-0'),
    ),
    "header-null": Case(
        "null.", "malformed", header_raw(b'"suite":1', b'"suite":null')
    ),
    "header-integer-2-53": Case(
        "An integer that a double can't tell from its neighbour.",
        "malformed",
        with_attachment(put(length=2**53)),
    ),
    "header-needless-escape": Case(
        "An escape that need not be.",
        "malformed",
        header_raw(b'"to":"pgr.pt"', b'"to":"pgr\\u002ept"'),
    ),
    "header-bom": Case(
        "A byte order mark.",
        "malformed",
        Recipe(edit_header_raw=lambda raw: b"\xef\xbb\xbf" + raw),
    ),
    "header-invalid-utf8": Case(
        "A byte that UTF-8 never has.",
        "malformed",
        header_raw(b'"to":"pgr.pt"', b'"to":"pgr.\xff"'),
    ),
    "header-lone-surrogate": Case(
        "Half of a surrogate pair.",
        "malformed",
        header_raw(b'"to":"pgr.pt"', b'"to":"pgr.\\ud800"'),
    ),
    "header-control-character": Case(
        "A control character, escaped as it has to be.",
        "malformed",
        header_raw(b'"to":"pgr.pt"', b'"to":"pgr.pt\\u0001"'),
    ),
    "header-line-feed": Case(
        "An escaped line feed, which no field of a header may hold.",
        "malformed",
        header_raw(b'"to":"pgr.pt"', b'"to":"pgr.pt\\n"'),
    ),
    "header-depth-17": Case(
        "Nested 17 deep.",
        "malformed",
        header_raw(b'"attachments":[]', b'"attachments":' + b"[" * 16 + b"]" * 16),
    ),
    "header-unknown-field": Case("A tenth field.", "malformed", header(put(x=1))),
    "header-missing-field": Case("No `suite`.", "malformed", header(drop("suite"))),
    "header-wrong-type": Case("A number as text.", "malformed", header(put(suite="1"))),
    "header-boolean": Case("true for 1.", "malformed", header(put(suite=True))),
    "header-trailing-bytes": Case(
        "A second value after the header.",
        "malformed",
        Recipe(edit_header_raw=lambda raw: raw + b"{}"),
    ),
    "header-not-an-object": Case(
        "The header is an array.",
        "malformed",
        Recipe(edit_header_raw=lambda _: b"[]"),
    ),
    "wraps-white-space": Case(
        "White space at the end of the line.",
        "malformed",
        Recipe(edit_wraps_raw=lambda raw: raw + b" "),
    ),
    "wraps-not-base64": Case(
        "A wrap with the other base64 alphabet.",
        "malformed",
        Recipe(edit_wraps_raw=lambda raw: raw[:9] + b"-" + raw[10:]),
    ),
    "wraps-base64-spelling": Case(
        "The unused last bits of a wrap are not zero.",
        "malformed",
        Recipe(
            edit_wraps=first(lambda raw: raw[:-1] + b"\0"),
            edit_wraps_raw=lambda raw: raw[:-5] + b'B=="]',
        ),
    ),
    "wraps-not-text": Case(
        "A number in place of a wrap.",
        "malformed",
        Recipe(edit_wraps_raw=lambda _: b"[1]"),
    ),
}

HEADER = {
    "unknown-suite": Case("Suite 2.", "unknown-suite", header(put(suite=2))),
    "suite-zero": Case("There is no suite 0.", "unknown-suite", header(put(suite=0))),
    "not-addressee": Case(
        "Addressed to another authority.",
        "not-addressee",
        header(put(to="fgr.mx")),
    ),
    "not-addressee-offered": Case(
        "Offered to an authority it is not addressed to.",
        "not-addressee",
        recipient="fgr.mx",
    ),
    "sender-mismatch": Case(
        "Names another sender than the peer that offers it.",
        "sender-mismatch",
        header(put(from_="fgr.mx")),
    ),
    "sender-mismatch-offered": Case(
        "Offered by a peer that did not seal it.",
        "sender-mismatch",
        peer="fgr.mx",
    ),
    "expired": Case("One millisecond too late.", "expired", now=LATER),
    "life-too-long": Case(
        "Ninety days and a millisecond.",
        "malformed",
        header(put(expires="2027-02-19T23:05:09.124Z")),
    ),
    "expires-before-created": Case(
        "It expires before it was made.",
        "malformed",
        header(put(expires="2026-11-21T23:05:09.122Z")),
    ),
    "outlives-key": Case(
        "It expires after the last moment to open with its key.",
        "malformed",
        not_before="2026-08-01T00:00:00.000Z",
    ),
    "aid-repeated": Case(
        "Two attachments with one aid.",
        "malformed",
        Recipe(attachments=((AID, 1), (AID, 2))),
    ),
    "aid-upper-case": Case(
        "An aid in upper case.",
        "malformed",
        with_attachment(put(aid="0A" * 16)),
    ),
    "root-short": Case(
        "A root of 62 digits.",
        "malformed",
        with_attachment(put(root="1f" * 31)),
    ),
    "attachment-unknown-field": Case(
        "A carrier must not see a file name.",
        "malformed",
        with_attachment(put(name="a.pdf")),
    ),
    "attachment-length-71": Case(
        "Shorter than any ciphertext.",
        "malformed",
        with_attachment(put(length=71)),
    ),
    "attachment-length-between-chunks": Case(
        "The last chunk would be shorter than its tag.",
        "malformed",
        with_attachment(put(length=56 + CHUNK + 15)),
    ),
    "attachment-length-negative": Case(
        "A negative length.",
        "malformed",
        with_attachment(put(length=-16_328)),
    ),
    "attachment-over-limit": Case(
        "The list of its parts would be over its limit.",
        "too-large",
        with_attachment(put(length=56 + CHUNK * 2**30 + 16)),
    ),
    "attachments-257": Case(
        "One attachment too many.",
        "malformed",
        Recipe(attachments=tuple((f"{n:032x}", 1) for n in range(257))),
    ),
    "kid-repeated": Case(
        "One key twice.",
        "malformed",
        Recipe(keys=(0, 0)),
    ),
    "kid-short": Case(
        "A shortened key id.",
        "malformed",
        header(put(keys=[kid_of(0)[:16]])),
    ),
    "kids-none": Case(
        "Sealed to no key.",
        "malformed",
        Recipe(edit_header=put(keys=[]), edit_wraps=lambda _: []),
    ),
    "kids-nine": Case(
        "Sealed to nine keys.", "malformed", Recipe(keys=tuple(range(9)))
    ),
    "wraps-fewer-than-kids": Case(
        "Two keys, one wrap.",
        "malformed",
        Recipe(keys=(0, 1), edit_wraps=lambda wraps: wraps[:1]),
    ),
    "wraps-more-than-kids": Case(
        "One key, two wraps.",
        "malformed",
        Recipe(edit_wraps=lambda wraps: wraps * 2),
    ),
    "kid-none-of-mine": Case(
        "Sealed to a key the addressee never had.",
        "malformed",
        Recipe(keys=(UNKNOWN,)),
    ),
    "kid-never-issued": Case(
        "Beside a key of the addressee's stands one it never had.",
        "malformed",
        Recipe(keys=(0, UNKNOWN)),
    ),
    "kid-retired": Case(
        "Sealed to a key that is no longer opened with.",
        "key-retired",
        own_keys=(1,),
        retired_keys=(0,),
    ),
    "id-not-version-7": Case(
        "A random UUID.",
        "malformed",
        header(put(id="01a1ee56-5e00-4ec1-8ad3-d05c0d0ec75a")),
    ),
    "from-not-a-name": Case(
        "A sender in upper case.",
        "malformed",
        header(put(from_="MOJ.ee")),
    ),
    "created-other-spelling": Case(
        "A time without milliseconds.",
        "malformed",
        header(put(created="2026-11-21T23:05:09Z")),
    ),
    "expires-no-such-day": Case(
        "The 31st of November.",
        "malformed",
        header(put(expires="2026-11-31T23:05:09.123Z")),
    ),
    "priority-unknown": Case(
        "A third priority.",
        "malformed",
        header(put(priority="flash")),
    ),
}

SEALING = {
    "wrap-short": Case(
        "A wrap of 1167 bytes.",
        "cannot-open",
        Recipe(edit_wraps=first(lambda raw: raw[:-1])),
    ),
    "wrap-long": Case(
        "A wrap of 1169 bytes.",
        "cannot-open",
        Recipe(edit_wraps=first(lambda raw: raw + b"\0")),
    ),
    "wrap-other-envelope": Case(
        "A wrap copied from another envelope.",
        "cannot-open",
        Recipe(edit_wraps=first(foreign_wrap)),
    ),
    "wraps-exchanged": Case(
        "Two wraps in each other's place.",
        "cannot-open",
        Recipe(keys=(0, 1), edit_wraps=lambda wraps: wraps[::-1]),
    ),
    "wraps-disagree": Case(
        "The second wrap holds another content key.",
        "cannot-open",
        Recipe(keys=(0, 1), edit_wraps=second_wrap_of_another_key),
    ),
    "wrap-bit-lattice": Case(
        "A bit of the ML-KEM ciphertext.",
        "cannot-open",
        Recipe(edit_wraps=first(flip(7))),
    ),
    "wrap-bit-curve": Case(
        "A bit of the X25519 key.",
        "cannot-open",
        Recipe(edit_wraps=first(flip(1100))),
    ),
    "wrap-bit-tag": Case(
        "A bit of the wrap's tag.",
        "cannot-open",
        Recipe(edit_wraps=first(flip(1167))),
    ),
    "wrap-low-order": Case(
        "An X25519 key of low order.",
        "cannot-open",
        Recipe(edit_wraps=first(lambda raw: raw[:1088] + bytes(32) + raw[1120:])),
    ),
    "header-changed": Case(
        "`urgent` was `routine` when it was sealed.",
        "cannot-open",
        Recipe(
            edit_header=put(priority="urgent"),
            bound_header=swap(b"urgent", b"routine"),
        ),
    ),
    "body-of-another-header": Case(
        "The content key is right, the body is bound to another header.",
        "cannot-open",
        Recipe(edit_body=other_body(b"another header")),
    ),
    "body-bit-salt": Case(
        "A bit of the salt.", "cannot-open", Recipe(edit_body=flip(3))
    ),
    "body-bit-commitment": Case(
        "A bit of the commitment.",
        "cannot-open",
        Recipe(edit_body=flip(30)),
    ),
    "body-bit-chunk": Case(
        "A bit of the padding's ciphertext.",
        "cannot-open",
        Recipe(edit_body=flip(4000)),
    ),
    "body-bit-tag": Case(
        "A bit of the tag.", "cannot-open", Recipe(edit_body=flip(-1))
    ),
    "body-cut": Case(
        "The last byte is missing.",
        "cannot-open",
        Recipe(edit_body=lambda body: body[:-1]),
    ),
    "body-trailing-byte": Case(
        "One byte more.",
        "cannot-open",
        Recipe(edit_body=lambda body: body + b"\0"),
    ),
    "body-last-chunk-missing": Case(
        "Cut at the edge of a chunk.",
        "cannot-open",
        Recipe(message=LARGE, edit_body=lambda body: body[: CHUNKS_AT + 2 * CHUNK]),
    ),
    "body-last-chunk-repeated": Case(
        "The last chunk is there twice.",
        "cannot-open",
        Recipe(
            message=LARGE,
            edit_body=lambda body: body + body[CHUNKS_AT + 2 * CHUNK :],
        ),
    ),
    "body-chunks-moved": Case(
        "Two chunks in each other's place.",
        "cannot-open",
        Recipe(
            message=LARGE,
            edit_body=lambda body: (
                body[:CHUNKS_AT]
                + body[CHUNKS_AT + CHUNK : CHUNKS_AT + 2 * CHUNK]
                + body[CHUNKS_AT : CHUNKS_AT + CHUNK]
                + body[CHUNKS_AT + 2 * CHUNK :]
            ),
        ),
    ),
    "padding-not-zero": Case(
        "The last byte of the padding is 1.",
        "cannot-open",
        Recipe(edit_inner=lambda inner: inner[:-1] + b"\1"),
    ),
    "padding-none": Case(
        "No padding.",
        "cannot-open",
        Recipe(edit_inner=repad(lambda content: content)),
    ),
    "padding-short": Case(
        "Below 4 KiB, at a length Padmé would give.",
        "cannot-open",
        Recipe(edit_inner=repad(lambda content: content.ljust(1024, b"\0"))),
    ),
    "padding-long": Case(
        "At the next length after the right one.",
        "cannot-open",
        Recipe(edit_inner=repad(lambda content: content.ljust(4352, b"\0"))),
    ),
    "inner-line-missing": Case(
        "The attachment keys have no end of line.",
        "cannot-open",
        Recipe(edit_inner=lambda inner: inner.replace(b"[]\n", b"[]\0")),
    ),
    "inner-one-line": Case(
        "There is no end of line at all.",
        "cannot-open",
        Recipe(edit_inner=lambda inner: inner.replace(b"\n", b"\0")),
    ),
    "manifest-white-space": Case(
        "The manifest is not canonical.",
        "cannot-open",
        Recipe(edit_manifest_raw=lambda raw: raw + b" "),
    ),
    "manifest-unknown-field": Case(
        "The manifest has a ninth field.",
        "cannot-open",
        manifest(put(x=1)),
    ),
    "manifest-missing-field": Case(
        "The manifest has no salt.",
        "cannot-open",
        manifest(drop("salt")),
    ),
    "manifest-salt-short": Case(
        "A salt of 15 bytes.",
        "cannot-open",
        manifest(put(salt=base64.b64encode(bytes(15)).decode())),
    ),
    "manifest-control-character": Case(
        "A tabulator in the message.",
        "cannot-open",
        Recipe(message={"facts": "a\tb"}),
    ),
    "manifest-other-header": Case(
        "The manifest names another header: a copy for somebody else.",
        "cannot-open",
        manifest(put(header="00" * 32)),
    ),
    "manifest-other-id": Case(
        "The manifest has another id.",
        "cannot-open",
        manifest(put(id=MESSAGE_ID.replace("5a", "5b"))),
    ),
    "manifest-other-sender": Case(
        "The manifest has another sender.",
        "cannot-open",
        manifest(put(from_="fgr.mx")),
    ),
    "manifest-other-addressee": Case(
        "The manifest has another addressee.",
        "cannot-open",
        manifest(put(to="fgr.mx")),
    ),
    "manifest-other-time": Case(
        "The manifest was made at another time.",
        "cannot-open",
        manifest(put(created=EXPIRES)),
    ),
    "manifest-attachment-order": Case(
        "The attachments stand in another order.",
        "cannot-open",
        manifest(reverse_rows),
    ),
    "manifest-attachment-missing": Case(
        "The manifest does not describe an attachment.",
        "cannot-open",
        manifest(put(attachments=[])),
    ),
    "manifest-attachment-size": Case(
        "The size does not give the ciphertext length in the header.",
        "cannot-open",
        manifest(row(put(size=5000))),
    ),
    "manifest-attachment-no-name": Case(
        "An attachment without a name.",
        "cannot-open",
        manifest(row(drop("name"))),
    ),
    "manifest-attachment-bad-name": Case(
        "A name that leads out of the folder.",
        "cannot-open",
        manifest(row(put(name="../a.pdf"))),
    ),
    "attachment-keys-fewer": Case(
        "One key for two attachments.",
        "cannot-open",
        Recipe(
            attachments=((AID, 1000), (OTHER_AID, 5)),
            edit_attachment_keys=lambda keys: keys[:1],
        ),
    ),
    "attachment-key-short": Case(
        "A key of 31 bytes.",
        "cannot-open",
        Recipe(
            attachments=((AID, 1000),),
            edit_attachment_keys=first(lambda key: key[:31]),
        ),
    ),
    "content-digest-differs": Case(
        "The sender logged the digest of another manifest.",
        "cannot-open",
        content_digest="00" * 32,
    ),
}

CASES = GOOD | ENCODING | HEADER | SEALING


def make(case: Case) -> bytes:
    """Return the text of a case's vector file."""
    forged = forge(case.recipe)
    keys = [
        VectorKey(seed(number).hex(), case.not_before, number in case.retired_keys)
        for number in sorted(case.own_keys + case.retired_keys)
    ]
    vector = Vector(
        comment=case.comment,
        expect=case.expect,
        peer=case.peer,
        recipient=case.recipient,
        now=case.now,
        keys=keys,
        content_digest=case.content_digest or forged.content_digest,
        envelope=base64.b64encode(forged.raw).decode(),
        fill=case.fill,
    )
    return spell_vector(
        vector,
        message=case.recipe.message if case.expect == "ok" else None,
    )


def main() -> None:
    """Write what is missing; say what no case explains."""
    for name, case in CASES.items():
        path = FOLDER / f"{name}.json"
        if not path.exists():
            path.write_bytes(make(case))
    for path in FOLDER.glob("*.json"):
        if path.stem not in CASES:
            sys.stderr.write(f"{path.name}: no case of this name\n")


if __name__ == "__main__":
    main()
