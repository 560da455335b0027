"""Rules of fingerprint, statement and card (specification, section 6)."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf
from gateway.core.errors import (
    GatewayError,
    MalformedError,
    StageMismatchError,
    TooLargeError,
    UnknownSuiteError,
    UntrustedCardError,
)
from gateway.core.identity import (
    Card,
    VerifiedCard,
    append_statement,
    assemble_card,
    card_digest,
    encode_card_line,
    encode_request,
    fingerprint,
    format_fingerprint,
    parse_card,
    parse_fingerprint,
    parse_request,
    parse_root_log,
    prove_statement,
    root_keys_of,
    verify_card,
    verify_statement,
)
from gateway.core.limits import MAX_CARD_BYTES
from gateway.core.translog.checkpoint import Ed25519Cosigner
from gateway.core.translog.note import VerifierKey, parse_vkey
from gateway.core.translog.proof import encode_log_proof, parse_log_proof
from gateway.core.values import AuthorityId, HexDigest, Stage, UnixMs
from tests.support.cards import NOW, CardMaker, ca_certificate, log_signer, seed

MOJ = AuthorityId("moj.ee")
PGR = AuthorityId("pgr.pt")

# Ed25519 points that no key may be: of small order, and the same not reduced.
SMALL_ORDER = bytes(32), b"\x01" + bytes(31), b"\xed" + b"\xff" * 30 + b"\x7f"


@pytest.fixture(scope="module")
def good() -> bytes:
    return CardMaker().make()


def verify(raw: bytes, previous: VerifiedCard | None = None) -> VerifiedCard:
    return verify_card(raw, stage=Stage.TEST, previous=previous)


# --- fingerprint ---


def test_a_fingerprint_is_the_digest_of_id_and_both_root_keys() -> None:
    # The SHA-256 of the bytes as the specification lays them out.
    assert fingerprint(MOJ, b"A" * 32, b"B" * 1312) == (
        "1cc4eca7f9f5831a2293b66295add86071b944017147ac53ee3f955a40fb9266"
    )


def test_a_fingerprint_is_shown_in_two_lines_of_eight_groups_of_four() -> None:
    lines = format_fingerprint(HexDigest("0123456789abcdef" * 4)).split("\n")

    assert lines == ["0123 4567 89ab cdef 0123 4567 89ab cdef"] * 2


@given(st.binary(min_size=32, max_size=32))
def test_what_is_shown_is_read_back(digest: bytes) -> None:
    value = HexDigest(digest.hex())

    assert parse_fingerprint(format_fingerprint(value)) == value
    assert parse_fingerprint(value.upper()) == value
    assert parse_fingerprint("-".join(format_fingerprint(value).split())) == value


@pytest.mark.parametrize(
    "text", ["", "0" * 63, "0" * 65, "g" * 64, "0" * 63 + "\u0660"]
)
def test_another_text_is_no_fingerprint(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_fingerprint(text)


def test_root_keys_are_one_of_each_type_under_the_name_of_the_root_log() -> None:
    ed25519, ml_dsa = CardMaker().root_signer.keys

    assert root_keys_of(MOJ, [ed25519, ml_dsa]).keys == (ed25519, ml_dsa)
    for authority, keys in (
        (MOJ, [ml_dsa, ed25519]),
        (MOJ, [ed25519]),
        (MOJ, [ed25519, ed25519, ml_dsa]),
        (PGR, [ed25519, ml_dsa]),
    ):
        with pytest.raises(MalformedError, match="root keys"):
            root_keys_of(authority, keys)


# --- statement ---


def test_a_statement_says_what_was_asked_for_under_the_next_number() -> None:
    maker = CardMaker()
    maker.state()
    proven = verify_statement(maker.state(), maker.root)

    assert proven.statement == maker.statement(number=2)
    assert proven.checkpoint.size == 2
    assert proven.leaf == maker.root_entries[1]


def test_statements_are_chained_in_the_root_log() -> None:
    maker = CardMaker()
    maker.state()
    maker.state()

    entries = parse_root_log(MOJ, maker.root_entries)

    assert [entry.number("number") for entry in entries] == [1, 2]
    for broken in (maker.root_entries[1:], maker.root_entries[::-1]):
        with pytest.raises(MalformedError, match="does not follow"):
            parse_root_log(MOJ, broken)


def test_a_clock_that_went_back_is_marked_in_the_root_log() -> None:
    maker = CardMaker()
    maker.state()
    request = parse_request(encode_request(maker.statement()))

    leaf = append_statement(request, maker.root_entries, UnixMs(NOW - 1))

    assert json.loads(leaf)["clk"] == 1


def test_another_authoritys_root_log_is_not_continued() -> None:
    maker = CardMaker()
    maker.state()
    request = parse_request(encode_request(CardMaker(PGR).statement()))

    with pytest.raises(MalformedError):
        append_statement(request, maker.root_entries, NOW)


def test_an_entry_of_another_kind_is_no_statement() -> None:
    with pytest.raises(MalformedError, match=r"expected root\.keys"):
        parse_root_log(MOJ, [_root_leaf("key.card", {"dig": "0" * 64})])


def test_a_statement_about_another_authority_is_refused() -> None:
    fields = json.loads(encode_request(CardMaker(PGR).statement()))

    with pytest.raises(MalformedError, match=r"statement: of pgr\.pt"):
        parse_root_log(MOJ, [_root_leaf("root.keys", {**fields, "number": 1})])


def _root_leaf(kind: str, fields: JsonObject) -> bytes:
    leaf, _ = build_leaf(
        EntryDraft(kind, NOW, fields),
        log="moj.ee/root",
        index=0,
        prev=FIRST_PREV,
        previous_at=NOW,
    )
    return leaf


def test_a_request_is_read_back_as_it_was_written() -> None:
    statement = CardMaker().statement()

    assert parse_request(encode_request(statement)).statement(1) == statement


def _bad_requests() -> dict[str, Callable[[JsonObject], JsonObject]]:
    other = CardMaker(PGR).statement()
    ours = CardMaker().statement()
    texts = [key.to_text() for key in ours.log_keys]
    witness = [key.to_text() for key in ours.witness_keys]
    shared = _as_cosigner(ours.log_keys[0], ours.witness_name)
    name = ours.witness_name

    def log(origin: str, vkeys: list[str]) -> Callable[[JsonObject], JsonObject]:
        return lambda r: {**r, "log_keys": {"origin": origin, "vkeys": list(vkeys)}}

    def wit(name: str, vkeys: list[str]) -> Callable[[JsonObject], JsonObject]:
        return lambda r: {**r, "witness": {"name": name, "vkeys": list(vkeys)}}

    def tls(*certificates: bytes) -> Callable[[JsonObject], JsonObject]:
        encoded = [base64.b64encode(der).decode() for der in certificates]
        return lambda r: {**r, "tls": list(encoded)}

    der = ca_certificate("moj.ee")
    return {
        "unknown field": lambda r: {**r, "extra": 1},
        "no authority id": lambda r: {**r, "authority": "MOJ"},
        "another authority": lambda r: {**r, "authority": "pgr.pt"},
        "log of another": log(other.log_origin, [k.to_text() for k in other.log_keys]),
        "log not numbered": log("moj.ee/audit/x", texts),
        "log epoch zero": log("moj.ee/audit/0", texts),
        "log keys of another": log(
            ours.log_origin, [k.to_text() for k in other.log_keys]
        ),
        "log key of one type only": log(ours.log_origin, texts[:1]),
        "log keys too many": log(
            ours.log_origin,
            [
                key.to_text()
                for label in "abc"
                for key in log_signer(ours.log_origin, label).keys
            ],
        ),
        "log key twice": log(ours.log_origin, [*texts, texts[0]]),
        "no vkey": log(ours.log_origin, ["moj.ee/audit/1"]),
        "small order": log(ours.log_origin, [_small_order_vkey(), texts[1]]),
        "witness of another": wit("pgr.pt/witness", witness),
        "witness key of a log's type": wit(
            name, [_renamed(texts[0], name), witness[1]]
        ),
        "witness shares a key": wit(name, [shared, witness[1]]),
        "no TLS CA": tls(),
        "five TLS CAs": tls(*(ca_certificate(f"{n}.ee") for n in range(5))),
        "TLS CA not base64": lambda r: {**r, "tls": ["@"]},
        "TLS CA not a certificate": tls(b"\x30\x00"),
        "TLS CA with more behind it": tls(der + b"\0"),
        "TLS certificate not a CA's": tls(ca_certificate("moj.ee", is_ca=False)),
    }


def _as_cosigner(key: VerifierKey, name: str) -> str:
    """Return a log key's point as a key that cosigns."""
    cosigner = Ed25519Cosigner(name, seed("any"))
    return replace(cosigner.key, public=key.public).to_text()


def _renamed(vkey: str, name: str) -> str:
    return replace(parse_vkey(vkey), name=name).to_text()


def _small_order_vkey() -> str:
    # Its id can't be computed by the class that refuses it.
    payload = base64.b64encode(b"\x01" + SMALL_ORDER[1]).decode()
    return f"moj.ee/audit/1+00000000+{payload}"


@pytest.mark.parametrize("case", _bad_requests())
def test_what_can_not_be_stated_is_refused(case: str) -> None:
    request: JsonObject = json.loads(encode_request(CardMaker().statement()))
    spoilt = _bad_requests()[case](request)

    with pytest.raises(MalformedError):
        parse_request(_canonical(spoilt))


def _canonical(value: JsonObject) -> bytes:
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_small_order_and_non_canonical_keys_are_no_keys(point: bytes) -> None:
    key = CardMaker().audit_signer.keys[0]

    with pytest.raises(MalformedError, match="Ed25519"):
        replace(key, public=point)


def test_a_statement_is_believed_only_from_the_root_that_signed_it() -> None:
    maker = CardMaker()
    proof = maker.state()

    with pytest.raises(UntrustedCardError, match="not proven"):
        verify_statement(proof, CardMaker(root_label="thief").root)


def test_a_statement_stands_where_it_says() -> None:
    """Two equal trees in which the leaf stands at another index than it holds."""
    maker = CardMaker()
    maker.state()
    maker.root_entries.insert(0, b"{}")

    with pytest.raises(UntrustedCardError, match="another place"):
        verify_statement(
            prove_statement(maker.root_entries, maker.root_signer), maker.root
        )


def test_a_statement_without_its_leaf_is_refused() -> None:
    maker = CardMaker()
    proof = replace(parse_log_proof(maker.state()), extra=None)

    with pytest.raises(UntrustedCardError, match="holds no leaf"):
        verify_statement(encode_log_proof(proof), maker.root)


# --- card ---


def test_a_good_card_is_believed_and_says_what_it_says(good: bytes) -> None:
    maker = CardMaker()

    card = verify_card(good, stage=Stage.TEST, fingerprint=maker.root.fingerprint)

    assert card.authority == MOJ
    assert card.number == 1
    assert card.country == "EE"
    assert card.names == {"en": "Ministry of Justice"}
    assert card.issued_at == NOW
    assert card.stage is Stage.TEST
    assert card.urls == ("https://gateway.moj.ee:8443",)
    assert [key.suite for key in card.keys] == [1]
    assert card.fingerprint == maker.root.fingerprint
    assert card.statement == maker.statement()
    assert card.log_origin == "moj.ee/audit/1"
    assert card.log_keys == maker.audit_signer.keys
    assert card.tls_cas == (ca_certificate("moj.ee"),)
    assert (card.checkpoint.origin, card.checkpoint.size) == ("moj.ee/audit/1", 1)
    assert card.checkpoint_note in good
    assert card.raw == good
    assert card.versions == card.card.versions
    assert card.proven_statement.stated_at == NOW
    assert good.startswith(card.line + b"\n")


def test_a_card_of_another_fingerprint_is_refused(good: bytes) -> None:
    other = CardMaker(root_label="thief").root.fingerprint

    with pytest.raises(UntrustedCardError, match="fingerprint"):
        verify_card(good, stage=Stage.TEST, fingerprint=other)


def test_a_card_of_another_root_does_not_follow(good: bytes) -> None:
    thief = CardMaker(root_label="thief").make(number=9)

    with pytest.raises(UntrustedCardError, match="another root"):
        verify(thief, verify(good))


def test_a_card_of_another_authority_does_not_follow(good: bytes) -> None:
    with pytest.raises(UntrustedCardError, match="another root"):
        verify(CardMaker(PGR).make(number=9), verify(good))


def test_a_card_of_the_other_stage_is_refused(good: bytes) -> None:
    with pytest.raises(StageMismatchError):
        verify_card(good, stage=Stage.PRODUCTION)


def test_a_statement_of_another_root_does_not_carry_a_card() -> None:
    thief = CardMaker(root_label="thief").state()
    maker = CardMaker()

    with pytest.raises(UntrustedCardError, match="statement: not proven"):
        verify(maker.publish(maker.card(thief)))


def test_a_card_logged_with_keys_the_root_does_not_name_is_refused() -> None:
    """A thief of the online keys can't bring in keys of his own."""
    maker = CardMaker()
    statement = maker.state()
    maker.log_label = "thief"

    with pytest.raises(UntrustedCardError, match="card: not proven"):
        verify(maker.publish(maker.card(statement)))


def test_a_card_that_was_not_logged_is_refused() -> None:
    maker = CardMaker()
    card = maker.card(maker.state())
    maker.publish(card)
    other = msgspec.structs.replace(card, number=2)

    with pytest.raises(UntrustedCardError, match="not the card that was logged"):
        verify(assemble_card(encode_card_line(other), encode_log_proof(maker.prove())))


def test_an_entry_of_another_kind_does_not_prove_a_card() -> None:
    maker = CardMaker()
    line = encode_card_line(maker.card(maker.state()))
    maker.log("config.card", {"dig": card_digest(line)})

    with pytest.raises(UntrustedCardError, match=r"entry config\.card"):
        verify(assemble_card(line, encode_log_proof(maker.prove())))


def test_a_card_is_proven_where_its_entry_says() -> None:
    maker = CardMaker()
    line = encode_card_line(maker.card(maker.state()))
    maker.log("key.card", {"dig": card_digest(line)})
    maker.log_entries.insert(0, b"{}")

    with pytest.raises(UntrustedCardError, match="another place"):
        verify(assemble_card(line, encode_log_proof(maker.prove())))


def test_a_key_that_does_not_recompute_is_refused() -> None:
    def spoil(card: Card) -> Card:
        key = msgspec.structs.replace(card.keys[0], kid="0" * 64)
        return msgspec.structs.replace(card, keys=[key])

    with pytest.raises(MalformedError, match="key: id"):
        verify(CardMaker().make(change=spoil))


def test_a_key_of_another_authority_is_refused() -> None:
    other = CardMaker(PGR)
    foreign = other.card(other.state()).keys

    with pytest.raises(MalformedError, match="key: id"):
        verify(
            CardMaker().make(
                change=lambda card: msgspec.structs.replace(card, keys=foreign),
            ),
        )


def test_a_key_of_an_unknown_suite_is_refused() -> None:
    def spoil(card: Card) -> Card:
        key = msgspec.structs.replace(card.keys[0], suite=2)
        return msgspec.structs.replace(card, keys=[key])

    with pytest.raises(UnknownSuiteError):
        verify(CardMaker().make(change=spoil))


def test_the_same_card_proven_again_later_is_the_same_card() -> None:
    maker = CardMaker()
    first = maker.make()
    line = verify(first).line
    vkeys = list[JsonValue](key.to_text() for key in maker.audit_signer.keys)
    maker.log("log.keys", {"vkeys": vkeys, "res": "alone"})
    later = assemble_card(line, encode_log_proof(maker.prove(0)))

    assert verify(later, verify(first)).checkpoint.size == 2


def test_a_newer_card_follows() -> None:
    maker = CardMaker()
    previous = verify(maker.make(number=1))

    assert verify(maker.make(number=2), previous).number == 2


def test_the_number_of_a_card_does_not_fall() -> None:
    maker = CardMaker()
    newer = verify(maker.make(number=2))

    with pytest.raises(UntrustedCardError, match="card: number 1, expected 2"):
        verify(maker.make(number=1), newer)


def test_one_number_has_one_card() -> None:
    maker = CardMaker()
    previous = verify(maker.make())

    def move(card: Card) -> Card:
        return msgspec.structs.replace(card, urls=["https://thief.example"])

    with pytest.raises(UntrustedCardError, match="card: two contents under number 1"):
        verify(maker.make(change=move), previous)


def test_new_log_keys_come_with_a_higher_statement_of_the_same_root() -> None:
    maker = CardMaker()
    previous = verify(maker.make())
    maker.log_label = "new log"
    maker.state()

    card = verify(maker.make(number=2), previous)

    assert card.statement.number == 2
    assert card.log_keys == maker.audit_signer.keys != previous.log_keys


def test_the_number_of_a_statement_does_not_fall() -> None:
    maker = CardMaker()
    maker.state()
    newer = CardMaker()
    newer.state()
    newer.state()
    previous = verify(newer.make())

    with pytest.raises(UntrustedCardError, match="statement: number 1, expected 2"):
        verify(maker.make(number=2), previous)


def test_one_number_has_one_statement() -> None:
    previous = verify(CardMaker().make())

    with pytest.raises(UntrustedCardError, match="statement: two contents"):
        verify(CardMaker(log_label="other").make(number=2), previous)


def test_a_card_over_its_limit_is_refused_unread() -> None:
    with pytest.raises(TooLargeError):
        parse_card(b"x" * (MAX_CARD_BYTES + 1))


SPOILT_FIELDS: dict[str, JsonObject] = {
    "authority": {"authority": "Moj.ee"},
    "authority of other keys": {"authority": "pgr.pt"},
    "country": {"country": "ee"},
    "issued": {"issued": "2026-09-21"},
    "no keys": {"keys": []},
    "no names": {"names": {}},
    "language": {"names": {"EN": "Ministry"}},
    "name that turns the text": {"names": {"en": "a\u202eb"}},
    "name with a line feed": {"names": {"en": "a\nb"}},
    "number zero": {"number": 0},
    "number as text": {"number": "1"},
    "stage": {"stage": "demo"},
    "no urls": {"urls": []},
    "plain http": {"urls": ["http://gateway.moj.ee"]},
    "url with a path": {"urls": ["https://gateway.moj.ee/x"]},
    "url with a port too high": {"urls": ["https://gateway.moj.ee:70000"]},
    "versions": {"versions": {"code_lists": "1", "messages": "1.0", "protocol": []}},
    "no version of messages": {
        "versions": {"code_lists": "1", "messages": "", "protocol": [1]}
    },
    "versions in another spelling": {
        "versions": {"code_lists": "1", "messages": "1.0  1.1", "protocol": [1]}
    },
    "versions as a list": {
        "versions": {"code_lists": "1", "messages": ["1.0"], "protocol": [1]}
    },
    "no national declaration": {
        "versions": {
            "code_lists": "1",
            "messages": "1",
            "national": {},
            "protocol": [1],
        }
    },
    "a digest that is none": {
        "versions": {
            "code_lists": "1",
            "messages": "1",
            "national": {"ee-test": "AB"},
            "protocol": [1],
        }
    },
    "unknown field": {"extra": 1},
}


@pytest.mark.parametrize(
    ("versions", "messages", "declarations"),
    [
        ({"code_lists": "1.0", "messages": "1.0"}, ("1.0",), {}),
        ({"code_lists": "1.0", "messages": "1.0 1.1"}, ("1.0", "1.1"), {}),
        (
            {
                "code_lists": "1.0",
                "messages": "1.1",
                "national": {"ee-test": "ab" * 32},
            },
            ("1.1",),
            {"ee-test": "ab" * 32},
        ),
    ],
)
def test_a_card_tells_its_versions(
    versions: JsonObject,
    messages: tuple[str, ...],
    declarations: dict[str, str],
    good: bytes,
) -> None:
    line, _, proof = good.partition(b"\n")
    fields: JsonObject = json.loads(line)
    spelled = _canonical({**fields, "versions": {**versions, "protocol": [1]}})

    found = parse_card(spelled + b"\n" + proof)

    assert found.line == spelled
    assert found.card.versions.of_messages == messages
    assert found.card.versions.of_code_lists == ("1.0",)
    assert found.card.versions.declarations == declarations
    assert encode_card_line(found.card) == spelled


@pytest.mark.parametrize("case", SPOILT_FIELDS)
def test_a_field_of_another_form_is_refused(case: str, good: bytes) -> None:
    line, _, proof = good.partition(b"\n")
    fields: JsonObject = json.loads(line)

    with pytest.raises(MalformedError):
        parse_card(_canonical({**fields, **SPOILT_FIELDS[case]}) + b"\n" + proof)


def test_a_missing_field_is_refused(good: bytes) -> None:
    line, _, proof = good.partition(b"\n")
    fields: JsonObject = json.loads(line)
    for name in fields:
        rest = {key: value for key, value in fields.items() if key != name}
        with pytest.raises(MalformedError):
            parse_card(_canonical(rest) + b"\n" + proof)


def test_a_key_stands_on_a_card_once() -> None:
    raw = CardMaker().make(
        change=lambda card: msgspec.structs.replace(card, keys=card.keys * 2),
    )

    with pytest.raises(MalformedError, match="twice"):
        parse_card(raw)


def test_a_card_without_its_proof_is_refused(good: bytes) -> None:
    line = good.partition(b"\n")[0]
    for raw in (b"", line, line + b"\n", line + b"\nproof"):
        with pytest.raises(MalformedError):
            parse_card(raw)


@given(data=st.data())
def test_no_changed_byte_goes_unseen(data: st.DataObject, good: bytes) -> None:
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(1, 255))
    spoilt = good[:at] + bytes((good[at] ^ byte,)) + good[at + 1 :]
    root = CardMaker().root

    try:
        card = verify_card(spoilt, stage=Stage.TEST, fingerprint=root.fingerprint)
    except GatewayError:
        return
    # Only a line of a signature nobody asked for may differ, such as a renamed key.
    assert card.line == good.partition(b"\n")[0]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_card_or_are_refused(raw: bytes) -> None:
    with pytest.raises((MalformedError, TooLargeError)):
        parse_card(raw)
