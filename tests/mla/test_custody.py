"""The rules of the chain of custody: whole, in order, never overwritten."""

from typing import cast

import pytest

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.custody_rules import custody_problems, event_digest
from gateway.mla.problems import ProblemCode, select
from gateway.mla.validate import validate
from tests.support.forms import evidence_message, sample_cases, with_value

_ITEM = "/payload/manifest/0"


def _changed(changes: JsonObject) -> JsonObject:
    document = evidence_message()
    for name, value in changes.items():
        document = with_value(document, f"{_ITEM}/{name}", value)
    return document


def _found(document: JsonObject) -> list[tuple[str, ProblemCode, bool]]:
    return [
        (problem.pointer.removeprefix(f"{_ITEM}/"), problem.code, problem.blocking)
        for problem in validate(document)
    ]


def _first_item(document: JsonObject) -> JsonObject:
    return cast("JsonObject", select(document, _ITEM.replace("/0", "/*"))[0].value)


_CORRECTION: JsonObject = {"custody/3/event": "CORRECTED", "custody/3/corrects": 2}


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        (
            "taken over from somebody who never had it",
            {"custody/2/from": "Nobody's Court"},
            [("custody/2/from", ProblemCode.CHAIN, True)],
        ),
        ("taken over from who had it", {"custody/2/from": "Rui Pedralva"}, []),
        ("a correction names what it corrects", _CORRECTION, []),
        (
            "a correction that names nothing",
            {"custody/3/event": "CORRECTED"},
            [("custody/3/corrects", ProblemCode.CHAIN, True)],
        ),
        (
            "a correction of what is still to come",
            {"custody/3/event": "CORRECTED", "custody/3/corrects": 5},
            [("custody/3/corrects", ProblemCode.CHAIN, True)],
        ),
        (
            "corrected in passing",
            {"custody/3/corrects": 1},
            [("custody/3/corrects", ProblemCode.CHAIN, True)],
        ),
        (
            "hashed to something else than the item",
            {"custody/1/output_digests": [{"alg": "SHA-256", "value": "00" * 32}]},
            [("custody/1/output_digests/0/value", ProblemCode.HASH, True)],
        ),
        (
            "a digest that the item does not have",
            {"custody/1/output_digests": [{"alg": "SHA3-512", "value": "00" * 64}]},
            [],
        ),
        (
            "taken over and not compared",
            {"custody/3/event": "ACCEPTED"},
            [("custody/3/algs", ProblemCode.CHAIN, False)],
        ),
        (
            "taken over, then verified",
            {"custody/0/event": "ACCEPTED"},
            [],
        ),
        (
            "made of another item, nobody wrote how",
            {"parent_item": "f4f60657-ca86-5e19-bd9d-9e1878cbea56"},
            [("custody", ProblemCode.CHAIN, False)],
        ),
        (
            "made of another item, as recorded",
            {
                "parent_item": "f4f60657-ca86-5e19-bd9d-9e1878cbea56",
                "custody/0/event": "COPIED",
            },
            [],
        ),
        (
            "made of itself",
            {
                "parent_item": "95c15820-3b61-57e4-82ac-72e4d2de2fa4",
                "custody/0/event": "COPIED",
            },
            [("parent_item", ProblemCode.REF, True)],
        ),
        (
            "the event before is another",
            {"custody/1/prev_event_hash": "00" * 32},
            [("custody/1/prev_event_hash", ProblemCode.CHAIN, True)],
        ),
        (
            "the first event follows none",
            {"custody/0/prev_event_hash": "00" * 32},
            [("custody/0/prev_event_hash", ProblemCode.CHAIN, True)],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_custody_is_whole_and_never_overwritten(
    rule: str,
    changes: dict[str, JsonValue],
    expected: list[tuple[str, ProblemCode, bool]],
) -> None:
    assert _found(_changed(changes)) == expected, rule


def test_a_parent_that_travels_too_records_what_was_made_of_it() -> None:
    document = _changed(
        {
            "parent_item": "5c5eaaf0-3a8d-5a21-8804-7ac760fc631f",
            "custody/0/event": "DERIVED",
        }
    )

    assert [(p.pointer, p.blocking) for p in validate(document)] == [
        ("/payload/manifest/1/custody", False)
    ]


def test_linked_events_hold_until_one_of_them_is_changed() -> None:
    document = evidence_message()
    first = cast("list[JsonObject]", _first_item(document)["custody"])[0]
    linked = with_value(
        document, f"{_ITEM}/custody/1/prev_event_hash", event_digest(first)
    )
    changed = with_value(linked, f"{_ITEM}/custody/0/reason", "Produced by others")

    assert _found(linked) == []
    assert _found(changed) == [("custody/1/prev_event_hash", ProblemCode.CHAIN, True)]


def test_all_that_an_acquisition_can_record_is_taken() -> None:
    acquisition: JsonObject = {
        "make": "Exemplar",
        "model": "X1",
        "serial": "SN-0001",
        "storage_bytes": 128_035_676_160,
        "sectors": 250_069_680,
        "clock_offset_s": "-37",
        "time_zone": "Europe/Lisbon",
        "image_format": "E01",
        "segments": 12,
        "errors": "Two unreadable sectors, filled with zeros",
        "live": "Encrypted volume, key only in memory",
    }
    document = _changed(
        {
            "custody/0/event": "ACQUIRED",
            "custody/0/acquisition": acquisition,
            "custody/0/role": "DEFR",
            "custody/0/post": "Investigating officer",
            "custody/0/country": "PT",
            "custody/0/time_source": "NTP, ntp.example",
            "custody/0/method": "Physical image",
            "custody/0/tool": "imager",
            "custody/0/version": "7.1",
            "custody/0/write_blocker": "T8u",
            "custody/0/witness": "A. Testemunha",
            "custody/0/authority_ref": "ORD-2026-331",
        }
    )

    assert _found(document) == []


def test_the_custody_of_one_item_is_judged_by_itself() -> None:
    item = _first_item(_changed({"custody/1/seq": 7}))

    (problem,) = custody_problems(item)

    assert (problem.pointer, problem.code) == ("/custody/1/seq", ProblemCode.CHAIN)


@pytest.mark.parametrize("item", [None, [], "x", {"custody": [None, {"corrects": {}}]}])
def test_malformed_custody_raises_nothing(item: JsonValue) -> None:
    custody_problems(item)


def test_the_custody_of_all_samples_is_without_fault() -> None:
    items = [
        found.value for case in sample_cases() for found in select(case, "evidence/*")
    ]

    assert items
    assert [custody_problems(item) for item in items] == [[] for _ in items]
