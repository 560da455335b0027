"""Log entries: kinds, leaves, disclosures (specification, sections 8.1 and 8.7)."""

import base64
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.disclosures import (
    Act,
    Disclosure,
    DisclosureClass,
    _seal_with_salt,
    disclosure_digest,
    read_disclosure,
    seal_disclosure,
)
from gateway.core.entries.kinds import KINDS, is_pruned_kind, step_role
from gateway.core.entries.leaf import (
    FIRST_PREV,
    EntryDraft,
    Leaf,
    build_leaf,
    chain_hash,
    parse_leaf,
)
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.translog.merkle import leaf_hash
from gateway.core.values import UnixMs, new_uuid7

LOG = "moj.ee/audit/1"
NOW = UnixMs(1_790_000_000_000)
MESSAGE = new_uuid7(NOW)
DIGEST = "ab" * 32
ROOT = base64.b64encode(bytes(32)).decode()

EXAMPLES: dict[str, JsonValue] = {
    "m": MESSAGE,
    "peer": "pgr.pt",
    "dig": DIGEST,
    "man": DIGEST,
    "pol": DIGEST,
    "seq": 1,
    "ref": 0,
    "min": 256,
    "count": 3,
    "number": 1,
    "res": "expired",
    "basis": "retention",
    "until": "2030-01-01",
    "authority": "moj.ee",
    "vkeys": ["name+00000000+AAAA"],
    "tls": ["AAAA"],
    "witness": {"name": "moj.ee/witness", "vkeys": ["name+00000000+AAAA"]},
    "log_keys": {"origin": LOG, "vkeys": ["name+00000000+AAAA"]},
    "cp": {"o": LOG, "n": 7, "r": ROOT},
    "prior": {"o": LOG, "n": 7, "r": ROOT, "dig": DIGEST},
}

WRONG_FORMS: dict[str, list[JsonValue]] = {
    "v": [2, True, "1"],
    "log": ["", 1],
    "i": [-1, True, "0"],
    "prev": ["00", DIGEST.upper(), 7],
    "t": ["2026-11-21T23:05:09Z", 7],
    "k": ["", "msg.unknown", "admin.", "admin.X", 5],
    "r": ["short", "A" * 22 + "=", "B" * 22, 4],
    "clk": [0, True, "1"],
    "sd": [[], ["x"], [7], "x"],
    "m": ["not-an-id", 7],
    "peer": ["NOT.UPPER", "nodots", 7],
    "dig": ["00", 7],
    "seq": [-1, "1", False],
    "res": ["", "Has Space", "x" * 65, 7],
    "basis": ["", 7],
    "vkeys": [[], [""], [7], "x"],
    "tls": [[], "x"],
    "witness": [
        "x",
        {"name": "n"},
        {"name": "", "vkeys": ["k"]},
        {"name": "n", "vkeys": []},
    ],
    "cp": [
        "x",
        {"o": LOG, "n": 1},
        {"o": LOG, "n": -1, "r": ROOT},
        {"o": LOG, "n": 1, "r": "AA=="},
    ],
    "prior": [
        "x",
        {"o": LOG, "n": 7, "r": ROOT},
        {"o": LOG, "n": 7, "r": ROOT, "dig": "0"},
    ],
}


def draft_of(kind: str, *, optional: bool = True, at: UnixMs = NOW) -> EntryDraft:
    table = KINDS[kind]
    names = table.required | (table.optional if optional else frozenset())
    return EntryDraft(kind, at, {name: EXAMPLES[name] for name in names})


def leaf_of(draft: EntryDraft, *, index: int = 0) -> bytes:
    raw, _ = build_leaf(
        draft,
        log=LOG,
        index=index,
        prev=FIRST_PREV,
        previous_at=NOW,
    )
    return raw


def altered(raw: bytes, **changes: JsonValue) -> bytes:
    value = cast("JsonObject", canonical.decode(raw, max_bytes=8192))
    return canonical.encode({**value, **changes})


@pytest.mark.parametrize("optional", [True, False])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_read_as_it_was_built(kind: str, *, optional: bool) -> None:
    draft = draft_of(kind, optional=optional)
    leaf = parse_leaf(leaf_of(draft, index=5), log=LOG)
    assert (leaf.kind, leaf.index, leaf.at) == (kind, 5, NOW)
    assert leaf.fields == draft.fields
    assert leaf.prev == FIRST_PREV
    assert not leaf.is_clock_behind


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_missing_field_of_the_kind_is_refused(kind: str) -> None:
    raw = leaf_of(draft_of(kind))
    for name in KINDS[kind].required:
        value = cast("JsonObject", canonical.decode(raw, max_bytes=8192))
        del value[name]
        with pytest.raises(MalformedError, match="missing"):
            parse_leaf(canonical.encode(value), log=LOG)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_field_of_another_kind_is_refused(kind: str) -> None:
    raw = leaf_of(draft_of(kind))
    foreign = EXAMPLES.keys() - KINDS[kind].required - KINDS[kind].optional
    for name in foreign:
        with pytest.raises(MalformedError, match="does not have"):
            parse_leaf(altered(raw, **{name: EXAMPLES[name]}), log=LOG)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [(name, wrong) for name, forms in WRONG_FORMS.items() for wrong in forms],
)
def test_a_field_of_another_form_is_refused(name: str, wrong: JsonValue) -> None:
    kind = next(
        (k for k, t in KINDS.items() if name in t.required | t.optional),
        "msg.list",
    )
    with pytest.raises(MalformedError):
        parse_leaf(altered(leaf_of(draft_of(kind)), **{name: wrong}), log=LOG)


def test_disclosure_digests_out_of_order_or_twice_are_refused() -> None:
    raw, sealed = build_leaf(
        EntryDraft("auth.fail", NOW, {}, Act("ann", "auditor", "why").disclosures()),
        log=LOG,
        index=0,
        prev=FIRST_PREV,
        previous_at=NOW,
    )
    digests = sorted(item.digest for item in sealed)
    assert parse_leaf(raw, log=LOG).disclosure_digests == tuple(digests)
    for wrong in (digests[::-1], [digests[0]] * 2):
        with pytest.raises(MalformedError):
            parse_leaf(altered(raw, sd=list[JsonValue](wrong)), log=LOG)


def test_administrative_kinds_come_in_families() -> None:
    draft = EntryDraft("admin.retry", NOW, {"count": 2})
    assert parse_leaf(leaf_of(draft), log=LOG).number("count") == 2


@pytest.mark.parametrize(
    ("kind", "goes"),
    [
        ("msg.access", True),
        ("admin.view", True),
        ("msg.send", False),
        ("config.peer", False),
    ],
)
def test_what_people_did_is_pruned_and_what_was_exchanged_is_not(
    kind: str, *, goes: bool
) -> None:
    assert is_pruned_kind(kind) is goes


def test_a_proof_is_called_by_the_step_it_proves() -> None:
    assert step_role("msg.carry") == "carry"


def test_a_leaf_of_another_log_is_refused() -> None:
    raw = leaf_of(draft_of("msg.send"))
    with pytest.raises(MalformedError, match="another log"):
        parse_leaf(raw, log="moj.ee/audit/2")


def test_a_leaf_that_is_no_object_is_refused() -> None:
    with pytest.raises(MalformedError, match="object"):
        parse_leaf(b"[]", log=LOG)


def test_a_leaf_over_its_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLargeError):
        parse_leaf(b"x" * 4097, log=LOG)


def test_building_what_does_not_fit_is_a_defect_of_ours() -> None:
    with pytest.raises(AssertionError, match="missing"):
        leaf_of(EntryDraft("msg.send", NOW, {}))
    with pytest.raises(AssertionError, match="limit"):
        leaf_of(EntryDraft("log.keys", NOW, {"vkeys": ["k" * 5000], "res": "alone"}))


def test_a_clock_that_went_back_is_marked() -> None:
    raw = leaf_of(draft_of("msg.send", at=UnixMs(NOW - 1)))
    assert parse_leaf(raw, log=LOG).is_clock_behind


def test_each_leaf_differs_even_for_equal_content() -> None:
    draft = draft_of("msg.send")
    assert leaf_of(draft) != leaf_of(draft)


def test_the_chain_hash_is_the_tree_hash_of_the_leaf() -> None:
    raw = leaf_of(draft_of("msg.send"))
    assert chain_hash(raw) == leaf_hash(raw).hex()


def test_the_text_and_number_of_a_leaf_are_typed() -> None:
    leaf: Leaf = parse_leaf(leaf_of(draft_of("msg.send")), log=LOG)
    assert (leaf.text("m"), leaf.number("seq")) == (MESSAGE, 1)
    with pytest.raises(MalformedError):
        leaf.text("seq")
    with pytest.raises(MalformedError):
        leaf.number("m")


def test_the_published_disclosure_digest_agrees() -> None:
    """RFC 9901, section 4.2.3."""
    encoded = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    digest = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert disclosure_digest(encoded) == digest


def test_our_encoding_is_that_of_the_published_disclosure() -> None:
    """The same construction, on a name of ours."""
    sealed = _seal_with_salt(Disclosure("actor", "Möbius"), "_26bc4LT-ac6q2KI6cBW5es")
    text = base64.urlsafe_b64decode(sealed.encoded + "=" * (-len(sealed.encoded) % 4))
    assert text.decode() == '["_26bc4LT-ac6q2KI6cBW5es", "actor", "Möbius"]'


@given(st.sampled_from(["actor", "purpose", "case"]), st.text(max_size=80))
def test_a_disclosure_is_read_as_it_was_sealed(name: str, value: str) -> None:
    sealed = seal_disclosure(Disclosure(name, value))
    assert read_disclosure(sealed.encoded) == Disclosure(name, value)
    assert sealed.digest == disclosure_digest(sealed.encoded)
    assert sealed.ring is Disclosure(name, value).ring


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '["s"]',
        '["s", "actor", 7]',
        '[7, "actor", "x"]',
        '["s", "nose", "x"]',
        "{",
    ],
)
def test_what_is_no_disclosure_is_refused(text: str) -> None:
    encoded = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    with pytest.raises(MalformedError):
        read_disclosure(encoded)


def test_equal_disclosures_have_different_digests() -> None:
    disclosure = Disclosure("actor", "ann")
    assert seal_disclosure(disclosure).digest != seal_disclosure(disclosure).digest


def test_an_act_discloses_what_is_known_of_it() -> None:
    act = Act("ann", "caseworker", "hearing", case="2026-7", on_behalf_of="bo")
    assert {(item.name, item.ring) for item in act.disclosures()} == {
        ("actor", DisclosureClass.DUTY),
        ("role", DisclosureClass.DUTY),
        ("purpose", DisclosureClass.DUTY),
        ("on_behalf_of", DisclosureClass.DUTY),
        ("case", DisclosureClass.CASE),
    }
    assert len(Act("ann", "caseworker").disclosures()) == 2
