"""Plain leaves: the quick look takes nothing that the full reading would not."""

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.canonical import JsonValue
from gateway.core.entries.disclosures import Disclosure
from gateway.core.entries.kinds import KINDS, fields_of
from gateway.core.entries.leaf import EntryDraft, build_leaf, parse_leaf
from gateway.core.entries.scan import LeafScanner
from gateway.core.errors import GatewayError, MalformedError
from gateway.core.values import HexDigest, UnixMs, new_uuid7, parse_time

LOG = "moj.ee/audit/1"
NOW = UnixMs(1_790_000_000_000)
PREV = HexDigest("cd" * 32)
DIGEST = "ab" * 32
FIELDS: dict[str, JsonValue] = {
    "m": new_uuid7(NOW),
    "peer": "pgr.pt",
    "dig": DIGEST,
    "man": DIGEST,
    "seq": 17,
    "min": 256,
    "basis": "law",
    "ref": 0,
    "count": 3,
    "res": "expired",
    "cp": {"o": LOG, "n": 7, "r": base64.b64encode(bytes(32)).decode()},
}
RARE = {
    "log.init",
    "log.keys",
    "log.prune",
    "root.keys",
    "msg.erase",
}
COMMON = sorted({*KINDS, "admin.retry", "key.card", "config.trust"} - RARE)
SCANNER = LeafScanner(LOG)


def leaf_of(kind: str, *, optional: bool = True, index: int = 42) -> bytes:
    required, allowed = fields_of(kind)
    names = allowed if optional else required
    raw, _ = build_leaf(
        EntryDraft(
            kind,
            NOW,
            {name: item for name, item in FIELDS.items() if name in names},
            (Disclosure("actor", "a"), Disclosure("role", "b")) if optional else (),
        ),
        log=LOG,
        index=index,
        prev=PREV,
        previous_at=UnixMs(NOW + 1) if optional else NOW,
    )
    return raw


def is_taken(raw: bytes) -> bool:
    return SCANNER.follows(raw, index=42, prev=PREV)


def is_read(raw: bytes) -> bool:
    """Tell whether the full reading takes it at its place."""
    try:
        leaf = parse_leaf(raw, log=LOG)
    except GatewayError:
        return False
    return (leaf.index, leaf.prev) == (42, PREV)


@pytest.mark.parametrize("optional", [True, False])
@pytest.mark.parametrize("kind", COMMON)
def test_common_kinds_need_no_full_reading(kind: str, *, optional: bool) -> None:
    raw = leaf_of(kind, optional=optional)
    assert is_read(raw)
    assert is_taken(raw)


def test_every_other_kind_is_read_in_full() -> None:
    assert set(SCANNER._of_kind) == {kind.encode() for kind in KINDS.keys() - RARE}


@pytest.mark.parametrize(("index", "prev"), [(41, PREV), (42, HexDigest(DIGEST))])
def test_another_place_is_not_taken(index: int, prev: HexDigest) -> None:
    raw = leaf_of("msg.send")
    assert not SCANNER.follows(raw, index=index, prev=prev)


def test_a_leaf_of_another_log_is_not_taken() -> None:
    raw = leaf_of("msg.send")
    assert not LeafScanner("moj.ee/audit/2").follows(raw, index=42, prev=PREV)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (b'"t":"2026-09-21', b'"t":"2026-02-30'),
        (b'"t":"2026-09-21', b'"t":"0000-09-21'),
        (b'"t":"2026-09-21T14', b'"t":"2026-09-21T24'),
        (b":13:20.000Z", b":13:60.000Z"),
        (b".000Z", b".00Z"),
        (b'"ref":0', b'"ref":00'),
        (b'"ref":0', b'"ref":-1'),
        (b'"ref":0', b'"ref":9007199254740992'),
        (b'"ref":0', b'"ref":true'),
        (b'"pgr.pt"', b'"pgr.pt-"'),
        (b'"pgr.pt"', b'"PGR.pt"'),
        (b'"pgr.pt"', b'"pgr"'),
        (b'"pgr.pt"', b'"' + b"a" * 62 + b'.pt"'),
        (b'"pgr.pt"', b'"pgr.pt\\u0000"'),
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1.0'),
        (b'"v":1', b'"v":1,"x":1'),
        (b'"v":1', b'"v":1,"v":1'),
        (b'"v":1}', b'"v":1}\n'),
        (b'{"clk":1', b'{ "clk":1'),
        (b'{"clk":1', b'{"clk":0'),
        (b'"k":"msg.send"', b'"k":"msg.sent"'),
        (b'"k":"msg.send"', b'"k":"admin.x"'),
    ],
)
def test_what_is_refused_is_not_taken(found: bytes, instead: bytes) -> None:
    raw = leaf_of("msg.send")
    assert raw.count(found) == 1
    changed = raw.replace(found, instead)
    assert not is_read(changed)
    assert not is_taken(changed)


def test_digests_that_do_not_ascend_are_not_taken() -> None:
    raw = leaf_of("msg.access")
    listed = re.search(rb'"sd":\[("[^"]*"),("[^"]*")\]', raw)
    assert listed is not None
    one, two = listed.groups()
    for items in (two + b"," + one, one + b"," + one):
        changed = raw.replace(listed[0], b'"sd":[' + items + b"]")
        assert not is_read(changed)
        assert not is_taken(changed)


def test_a_leaf_over_its_limit_is_not_taken() -> None:
    long = "x" * 5_000
    raw = leaf_of("wit.cosign").replace(
        b'"o":"moj.ee/audit/1"', b'"o":"%b"' % long.encode()
    )
    assert not is_read(raw)
    assert not is_taken(raw)


NEAR = [
    leaf_of(kind, optional=optional) for kind in COMMON for optional in (True, False)
]
PIECES = [
    *(b'"%b"' % name.encode() for name in FIELDS),
    *(b'{}[],:"0123456789\\ \n\x00\x7f\x80-.+eEtrufalsn'[i : i + 1] for i in range(40)),
    b"null",
    b"1e5",
    b"\xc3\xa9",
    b"\\u00e9",
    b'"sd":[]',
    b'"clk":1,',
    b'"res":"x",',
]


@settings(max_examples=1500, deadline=None)
@given(data=st.data())
def test_no_changed_leaf_is_taken_that_would_not_be_read(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(NEAR)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        length = data.draw(st.integers(0, 4))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=2))
        raw[at : at + length] = piece
    changed = bytes(raw)
    if is_taken(changed):
        assert is_read(changed)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_field_moved_or_copied_is_taken_that_would_not_be_read(
    data: st.DataObject,
) -> None:
    one, two = (data.draw(st.sampled_from(NEAR)) for _ in range(2))
    left, right = (re.split(rb'(?<=[\d"}\]]),(?=")', raw[1:-1]) for raw in (one, two))
    fields = data.draw(st.lists(st.sampled_from(left + right), max_size=14))
    raws = [fields, sorted(set(fields)), [*left, *fields], sorted({*left, *fields})]
    for items in raws:
        changed = b"{" + b",".join(items) + b"}"
        if is_taken(changed):
            assert is_read(changed)


@pytest.mark.parametrize("optional", [True, False])
@pytest.mark.parametrize("kind", [*COMMON, "log.prune"])
def test_what_is_read_of_a_leaf_is_what_the_full_reading_says(
    kind: str, *, optional: bool
) -> None:
    raw = leaf_of(kind, optional=optional)
    leaf = parse_leaf(raw, log=LOG)
    read = SCANNER.read(raw)

    assert (read.index, read.prev, read.kind) == (leaf.index, leaf.prev, leaf.kind)
    assert parse_time(f"{read.at}Z") == leaf.at
    assert read.message_id == leaf.fields.get("m", "")
    assert read.is_clock_behind is leaf.is_clock_behind


def test_what_the_full_reading_refuses_is_not_read() -> None:
    with pytest.raises(MalformedError):
        SCANNER.read(leaf_of("msg.send").replace(b'"ref":0', b'"ref":-1'))
