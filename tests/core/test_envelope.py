"""Sealing, checking and opening (specification, sections 3 and 4)."""

import contextlib
import dataclasses
import hashlib
import zlib
from pathlib import Path

import msgspec
import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.envelope import (
    AttachmentToSeal,
    Header,
    ManifestAttachment,
    OpenedMessage,
    SealRequest,
    check_addressing,
    check_seal,
    check_suite,
    check_times,
    content_digest,
    latest_expiry,
    open_envelope,
    parse_envelope,
    parse_manifest,
    seal,
)
from gateway.core.envelope.header import encode_header, parse_header
from gateway.core.envelope.seal import _seal
from gateway.core.errors import (
    CannotOpenError,
    ExpiredError,
    GatewayError,
    MalformedError,
    NotAddresseeError,
    SenderMismatchError,
    TooLargeError,
    UnknownSuiteError,
)
from gateway.core.keys import (
    AttachmentKey,
    ContentKey,
    KemKeyRecord,
    publish_kem_key,
)
from gateway.core.limits import MAX_ENVELOPE_BYTES, MAX_MESSAGE_LIFETIME_MS
from gateway.core.sizes import attachment_length
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    new_uuid7,
)
from tests.support.forge import PRIVATE_KEYS, Recipe, forge

VECTORS = Path(__file__).parent.parent / "vectors" / "cobblestone"
NOW = UnixMs(1_795_129_509_123)
MOJ, PGR = AuthorityId("moj.ee"), AuthorityId("pgr.pt")
RECORDS = tuple(publish_kem_key(key, PGR, NOW).record for key in PRIVATE_KEYS[:3])
KEYS = {
    HexDigest(record.kid): key
    for record, key in zip(RECORDS, PRIVATE_KEYS, strict=False)
}
MESSAGE: JsonObject = {"msg_type": "MLA_REQ", "payload": {"facts": "Été\n100 %"}}
ROW = ManifestAttachment(
    aid="0a" * 16,
    media_type="text/plain; charset=utf-8",
    name="Exp. 12.txt",
    sha256=HexDigest("2e" * 32),
    size=5_000,
    extra={"custody": [{"code": "SEIZED"}]},
)
ATTACHMENT = AttachmentToSeal(
    length=attachment_length(5_000),
    root=HexDigest("1f" * 32),
    key=AttachmentKey(b"k" * 32),
    described=ROW,
)
REQUEST = SealRequest(
    id=MessageId("01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"),
    sender=MOJ,
    addressee=PGR,
    created=NOW,
    expires=UnixMs(NOW + MAX_MESSAGE_LIFETIME_MS),
    priority=Priority.URGENT,
    recipients=RECORDS[:1],
    message=MESSAGE,
    attachments=(ATTACHMENT,),
)
SEALED = seal(REQUEST)
HEADER = SEALED.header


def read(raw: bytes, expected: HexDigest) -> OpenedMessage:
    """Check and open an envelope with the addressee's keys."""
    envelope = parse_envelope(raw)
    key = check_seal(envelope, KEYS)
    return open_envelope(envelope, key, expected_content_digest=expected)


def with_(**changes: object) -> SealRequest:
    """Return the request with some fields changed."""
    return dataclasses.replace(REQUEST, **changes)  # type: ignore[arg-type]  # each test names the right types


class Published(msgspec.Struct, rename="camel"):
    """One vector of Wycheproof's Cobblestone-256."""

    tc_id: int
    key: str
    ctx: str
    ct: str
    result: str
    msg_length: int = 0
    msg_sha512: str = ""


class Group(msgspec.Struct):
    """A group of vectors."""

    tests: list[Published]


class Suite(msgspec.Struct, rename="camel"):
    """The published file."""

    test_groups: list[Group]


PUBLISHED = msgspec.json.decode(
    (VECTORS / "wycheproof-aes-256-gcm.json").read_bytes(),
    type=Suite,
)


@pytest.mark.parametrize(
    "vector",
    [vector for group in PUBLISHED.test_groups for vector in group.tests],
    ids=lambda vector: f"{vector.tc_id}-{vector.result}",
)
def test_the_body_cipher_passes_the_published_vectors(vector: Published) -> None:
    ciphertext = zlib.decompress(bytes.fromhex(vector.ct))

    def decrypt() -> bytes:
        decryptor = Cobblestone256Decryptor(
            bytes.fromhex(vector.key),
            bytes.fromhex(vector.ctx),
        )
        return decryptor.update(ciphertext) + decryptor.finalize()

    if vector.result == "valid":
        plaintext = decrypt()
        assert len(plaintext) == vector.msg_length
        assert hashlib.sha512(plaintext).hexdigest() == vector.msg_sha512
    else:
        with pytest.raises((InvalidTag, ValueError)):
            decrypt()


def test_what_was_sealed_is_what_is_read() -> None:
    opened = read(SEALED.raw, SEALED.content_digest)
    assert opened.message == MESSAGE
    assert opened.attachment_keys == (ATTACHMENT.key,)
    assert opened.manifest.attachments == (ROW,)
    assert opened.manifest.created == NOW
    assert content_digest(opened.manifest_raw) == SEALED.content_digest
    assert parse_manifest(opened.manifest_raw) == opened.manifest


def test_a_sealed_envelope_is_named_by_its_bytes() -> None:
    envelope = parse_envelope(SEALED.raw)
    assert envelope.digest == SEALED.digest == hashlib.sha256(SEALED.raw).hexdigest()
    assert envelope.header == HEADER
    assert (HEADER.sender, HEADER.addressee) == (MOJ, PGR)
    assert HEADER.keys == (RECORDS[0].kid,)


def test_the_seal_check_gives_the_content_key_the_sender_keeps() -> None:
    assert check_seal(parse_envelope(SEALED.raw), KEYS) == SEALED.content_key


def test_the_sender_reads_its_own_message_with_the_content_key() -> None:
    opened = open_envelope(
        parse_envelope(SEALED.raw),
        SEALED.content_key,
        expected_content_digest=SEALED.content_digest,
    )
    assert opened.message == MESSAGE


def test_another_content_key_does_not_open() -> None:
    with pytest.raises(CannotOpenError):
        open_envelope(
            parse_envelope(SEALED.raw),
            ContentKey.new(),
            expected_content_digest=SEALED.content_digest,
        )


def test_no_two_sealings_share_a_key_or_a_content_digest() -> None:
    again = seal(REQUEST)
    assert again.content_key != SEALED.content_key
    assert again.content_digest != SEALED.content_digest
    assert again.header == HEADER


def test_key_and_salt_decide_the_content_and_nothing_else_does() -> None:
    key, salt = ContentKey(b"c" * 32), bytes(16)
    first = _seal(REQUEST, content_key=key, salt=salt)
    second = _seal(REQUEST, content_key=key, salt=salt)
    assert first.content_digest == second.content_digest
    assert first.raw != second.raw
    assert first.content_key == key


def test_every_named_key_opens() -> None:
    sealed = seal(with_(recipients=RECORDS))
    envelope = parse_envelope(sealed.raw)
    for kid, key in KEYS.items():
        others = KEYS.keys() - {kid}
        assert check_seal(envelope, {kid: key}, retired=others) == sealed.content_key


def test_a_message_sealed_by_the_book_is_read_and_the_other_way_round() -> None:
    forged = forge(Recipe())
    opened = read(forged.raw, HexDigest(forged.content_digest))
    assert opened.message == {
        "msg_type": "MLA_REQ",
        "payload": {"facts": "Été\n100 %"},
    }


json_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@settings(max_examples=25, deadline=None)
@given(
    message=st.dictionaries(
        st.sampled_from(["a", "b", "facts"]),
        json_texts | st.integers(-9, 9) | st.lists(json_texts, max_size=3),
    ),
    sizes=st.lists(st.integers(0, 2**40 - 2**35), max_size=3),
    keys=st.integers(1, 3),
)
def test_any_message_makes_the_round_trip(
    message: JsonObject,
    sizes: list[int],
    keys: int,
) -> None:
    attachments = tuple(
        AttachmentToSeal(
            length=attachment_length(size),
            root=HexDigest("1f" * 32),
            key=AttachmentKey(bytes((number,)) * 32),
            described=dataclasses.replace(ROW, aid=f"{number:032x}", size=size),
        )
        for number, size in enumerate(sizes)
    )
    sealed = seal(
        with_(message=message, attachments=attachments, recipients=RECORDS[:keys]),
    )
    opened = read(sealed.raw, sealed.content_digest)
    assert opened.message == message
    assert opened.manifest.attachments == tuple(a.described for a in attachments)
    assert opened.attachment_keys == tuple(a.key for a in attachments)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SEALED.raw) * 8 - 1))
def test_any_changed_bit_is_refused(bit: int) -> None:
    changed = bytearray(SEALED.raw)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GatewayError):
        read(bytes(changed), SEALED.content_digest)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(SEALED.raw) - 1), st.binary(min_size=1, max_size=40))
def test_a_cut_or_lengthened_envelope_is_refused(end: int, tail: bytes) -> None:
    for raw in (SEALED.raw[:end], SEALED.raw + tail):
        with pytest.raises(GatewayError):
            read(raw, SEALED.content_digest)


@given(
    st.binary(max_size=200)
    | st.binary(max_size=200).map(lambda tail: b"mla-envelope/1\n" + tail)
    | st.binary(max_size=200).map(lambda tail: SEALED.raw[:700] + tail),
)
def test_any_bytes_parse_or_are_refused(raw: bytes) -> None:
    with contextlib.suppress(MalformedError):
        assert parse_envelope(raw).raw == raw


@given(
    st.builds(
        Header,
        id=st.integers(0, 2**48 - 1).map(lambda ms: new_uuid7(UnixMs(ms))),
        sender=st.just(MOJ),
        addressee=st.just(PGR),
        created=st.just(NOW),
        expires=st.integers(NOW, NOW + MAX_MESSAGE_LIFETIME_MS).map(UnixMs),
        priority=st.sampled_from(Priority),
        keys=st.sets(
            st.binary(min_size=32, max_size=32).map(lambda raw: HexDigest(raw.hex())),
            min_size=1,
            max_size=8,
        ).map(tuple),
        suite=st.integers(0, 9),
    ),
)
def test_a_header_reads_back_as_it_was_written(header: Header) -> None:
    assert parse_header(encode_header(header)) == header


def test_the_sizes_seen_from_outside_are_padded() -> None:
    short = seal(with_(message={"a": "x"}))
    longer = seal(with_(message={"a": "x" * 2_000}))
    assert len(short.raw) == len(longer.raw)


def test_content_never_shows_in_a_representation() -> None:
    opened = read(SEALED.raw, SEALED.content_digest)
    shown = f"{REQUEST!r}{SEALED!r}{opened!r}{parse_envelope(SEALED.raw)!r}"
    for secret in ("MLA_REQ", "Été", "Exp. 12", "SEIZED", "2e2e", "kkkk"):
        assert secret not in shown


def test_an_envelope_not_from_the_peer_or_not_for_us_is_refused() -> None:
    check_addressing(HEADER, sender=MOJ, recipient=PGR)
    with pytest.raises(SenderMismatchError):
        check_addressing(HEADER, sender=PGR, recipient=PGR)
    with pytest.raises(NotAddresseeError):
        check_addressing(HEADER, sender=MOJ, recipient=MOJ)


def test_a_suite_we_do_not_have_is_refused_even_if_nobody_asked() -> None:
    check_suite(HEADER)
    other = dataclasses.replace(HEADER, suite=2)
    with pytest.raises(UnknownSuiteError):
        check_suite(other)
    envelope = dataclasses.replace(parse_envelope(SEALED.raw), header=other)
    with pytest.raises(UnknownSuiteError):
        check_seal(envelope, KEYS)


def test_an_envelope_is_accepted_to_the_last_moment() -> None:
    check_times(HEADER, HEADER.expires)
    with pytest.raises(ExpiredError):
        check_times(HEADER, UnixMs(HEADER.expires + 1))


def open_until(record: KemKeyRecord, text: str) -> KemKeyRecord:
    """Return a record with another end."""
    return msgspec.structs.replace(record, open_until=text)


def test_an_envelope_must_not_outlive_a_key_it_names() -> None:
    check_times(HEADER, NOW, records=RECORDS)
    too_early = "2026-12-01T00:00:00.000Z"
    check_times(HEADER, NOW, records=[open_until(RECORDS[1], too_early)])
    with pytest.raises(MalformedError):
        check_times(HEADER, NOW, records=[open_until(RECORDS[0], too_early)])


def test_the_latest_expiry_is_that_of_the_shortest_key_within_ninety_days() -> None:
    assert latest_expiry(NOW, RECORDS) == NOW + MAX_MESSAGE_LIFETIME_MS
    late = UnixMs(NOW + 40 * 86_400_000)
    assert latest_expiry(late, RECORDS) == NOW + 121 * 86_400_000


def test_sealing_refuses_what_the_addressee_would_refuse() -> None:
    late = UnixMs(NOW + 40 * 86_400_000)
    foreign = publish_kem_key(PRIVATE_KEYS[0], MOJ, NOW).record
    twice = (ATTACHMENT, ATTACHMENT)
    deep: JsonObject = {"a": [[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}
    for request in (
        with_(recipients=()),
        with_(recipients=RECORDS[:1] * 2),
        with_(recipients=(foreign,)),
        with_(expires=UnixMs(NOW - 1)),
        with_(expires=UnixMs(REQUEST.expires + 1)),
        with_(created=late, expires=UnixMs(late + MAX_MESSAGE_LIFETIME_MS)),
        with_(attachments=twice),
        with_(message={"a": "\t"}),
        with_(message=deep),
    ):
        with pytest.raises(MalformedError):
            seal(request)


def test_a_manifest_over_its_limit_is_not_sealed() -> None:
    with pytest.raises(TooLargeError):
        seal(with_(message={"a": "x" * (1536 * 1024)}))


def test_the_largest_manifest_fits_into_an_envelope() -> None:
    frame = len(read(SEALED.raw, SEALED.content_digest).manifest_raw)
    room = 1536 * 1024 - frame + len(canonical.encode(MESSAGE)) - len('{"a":""}')
    sealed = seal(with_(message={"a": "x" * room}))
    assert len(sealed.raw) <= MAX_ENVELOPE_BYTES
    assert read(sealed.raw, sealed.content_digest).message == {"a": "x" * room}
    with pytest.raises(TooLargeError):
        seal(with_(message={"a": "x" * (room + 1)}))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../a"},
        {"name": ""},
        {"media_type": ""},
        {"media_type": "text/\nplain"},
        {"media_type": "x" * 128},
        {"size": -1},
        {"extra": {"size": 3}},
    ],
    ids=["path", "no-name", "no-type", "line-feed", "long-type", "size", "extra"],
)
def test_an_attachment_that_cannot_stand_in_a_manifest_is_refused(
    changes: dict[str, object],
) -> None:
    with pytest.raises(MalformedError):
        dataclasses.replace(ROW, **changes)  # type: ignore[arg-type]  # the right types, wrong values


def test_an_attachment_whose_sizes_disagree_is_not_sealed() -> None:
    with pytest.raises(MalformedError):
        dataclasses.replace(ATTACHMENT, length=attachment_length(6_000))


def test_a_manifest_over_its_limit_is_not_read() -> None:
    with pytest.raises(TooLargeError):
        parse_manifest(bytes(1536 * 1024 + 1))
