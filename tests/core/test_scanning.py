"""What is read in bulk is what would have been parsed, and nothing else."""

import random

import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.entries.kinds import KINDS
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf, parse_leaf
from gateway.core.entries.scanning import LeafScanner, ScannedLeaf
from gateway.core.errors import GatewayError, MalformedError
from gateway.core.values import UnixMs, format_time
from tests.core.test_entries import EXAMPLES, LOG, NOW

_FREE_TEXT = {"vkeys", "pol", "basis", "until", "tls", "witness", "log_keys", "prior"}
_ACT = Act("ann", "caseworker", "a purpose", "case", "someone")
_KINDS = [*KINDS, "admin.retry", "config.trust", "key.card"]


def _leaf(
    kind: str, names: set[str], *, at: int = NOW, is_behind: bool = False
) -> bytes:
    fields = {name: EXAMPLES[name] for name in names}
    raw, _ = build_leaf(
        EntryDraft(kind, UnixMs(at), fields, _ACT.disclosures()),
        log=LOG,
        index=7,
        prev=FIRST_PREV,
        previous_at=UnixMs(at + is_behind),
    )
    return raw


def _fields(kind: str) -> tuple[set[str], set[str]]:
    if kind in KINDS:
        return set(KINDS[kind].required), set(KINDS[kind].optional)
    return set(), {"dig", "peer", "res", "count"}


def _parsed(raw: bytes) -> ScannedLeaf | None:
    try:
        leaf = parse_leaf(raw, log=LOG)
    except GatewayError:
        return None
    return ScannedLeaf(
        leaf.index,
        leaf.prev,
        format_time(leaf.at),
        leaf.kind,
        str(leaf.fields.get("m", "")),
        leaf.is_clock_behind,
    )


@pytest.mark.parametrize("kind", _KINDS)
def test_a_leaf_of_every_kind_is_read_as_it_is_parsed(kind: str) -> None:
    required, optional = _fields(kind)
    for names in (required, required | optional):
        for is_behind in (False, True):
            raw = _leaf(kind, names, is_behind=is_behind)
            scanner = LeafScanner(LOG)
            assert scanner.scan(raw) == _parsed(raw)
            has_pattern = not names & _FREE_TEXT
            assert (scanner._quick(raw) is not None) is has_pattern


@pytest.mark.parametrize("kind", _KINDS)
def test_nothing_is_read_that_would_not_be_parsed(kind: str) -> None:
    required, optional = _fields(kind)
    raw = _leaf(kind, required | optional, is_behind=True)
    scanner = LeafScanner(LOG)
    dice = random.Random(kind)  # noqa: S311 - the same changes in every run
    for _ in range(400):
        at = dice.randrange(len(raw))
        piece = dice.choice(
            [b"", raw[at : at + 1] * 2, bytes([dice.randrange(33, 127)])]
        )
        changed = raw[:at] + piece + raw[at + 1 :]
        quick = scanner._quick(changed)
        if quick is not None:
            assert quick == _parsed(changed), changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2026-09-21", b"2026-02-30"),
        (b"2026-09-21", b"0000-09-21"),
        (b"T14:", b"T24:"),
        (b'"i":7', b'"i":07'),
        (b'"i":7', b'"i":-7'),
        (b'"seq":1', b'"seq":9007199254740992'),
        (b'"seq":1', b'"seq":1.0'),
        (b'"peer":"pgr.pt"', b'"peer":"' + b"a." * 33 + b'pt"'),
        (b'"v":1', b'"v":1,"w":1'),
        (b'"v":1}', b'"v":1}\n'),
        (b"moj.ee/audit/1", b"moj.ee/audit/2"),
    ],
)
def test_what_parsing_refuses_is_refused(old: bytes, new: bytes) -> None:
    raw = _leaf("msg.send", {"m", "peer", "dig", "man", "seq"})
    assert old in raw

    with pytest.raises(MalformedError):
        LeafScanner(LOG).scan(raw.replace(old, new))


def test_disclosures_out_of_order_or_twice_are_refused() -> None:
    raw = _leaf("msg.list", {"count"})
    start, end = raw.index(b'"sd":[') + 6, raw.index(b"]")
    digests = raw[start:end].split(b",")
    for wrong in (digests[::-1], [digests[0], *digests]):
        changed = raw[:start] + b",".join(wrong) + raw[end:]
        with pytest.raises(MalformedError):
            LeafScanner(LOG).scan(changed)
