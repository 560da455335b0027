"""Each rule is broken by a vector, and each vector breaks nothing but its rule.

The vectors, in `tests/vectors/forms/broken.json`, are for other programs too: each is a
message (the sample of that number of its type, or the smallest one made from the
declaration where there is no sample), values to set in it by JSON pointer or to take
out where null, and the one problem which a check must then find.
"""

import json
from pathlib import Path
from typing import cast

import pytest

from gateway.core.canonical import JsonObject
from gateway.mla.custody_rules import CUSTODY
from gateway.mla.evidence_rules import EVIDENCE, ITEMS_COME_WITH_RESULTS
from gateway.mla.problems import text_at
from gateway.mla.rules import EVERY_MESSAGE
from gateway.mla.types import all_types, message_type
from gateway.mla.validate import validate
from tests.support.forms import whole, with_value, without

FILE = Path(__file__).parents[1] / "vectors" / "forms" / "broken.json"
VECTORS = cast("list[JsonObject]", json.loads(FILE.read_text(encoding="utf-8")))
# Their vectors are in `test_custody` and in `test_rules`.
ELSEWHERE = {*CUSTODY, *EVIDENCE, ITEMS_COME_WITH_RESULTS}


def _document(vector: JsonObject) -> JsonObject:
    number = vector.get("number", 0)
    assert isinstance(number, int)
    document = whole(text_at(vector, "msg_type") or "", number)
    changes = vector["changes"]
    assert isinstance(changes, dict)
    for pointer, value in changes.items():
        # JSON has null, the values of messages have not.
        if cast("object", value) is None:
            document = without(document, pointer)
        else:
            document = with_value(document, pointer, value)
    return document


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["rule"]))
def test_a_broken_rule_is_the_only_problem_and_named_at_its_place(
    vector: JsonObject,
) -> None:
    found = validate(_document(vector))

    assert [(p.pointer, p.code.value, p.blocking) for p in found] == [
        (vector["pointer"], vector["code"], vector["blocking"])
    ]


def test_every_rule_of_every_type_is_broken_by_a_vector() -> None:
    rules = {rule for declared in all_types() for rule in declared.rules}
    broken = set()
    for vector in VECTORS:
        document, pointers = _document(vector), [vector["pointer"]]
        declared = message_type(text_at(document, "/msg_type") or "")
        assert declared is not None
        broken |= {
            rule
            for rule in (*EVERY_MESSAGE, *declared.rules)
            if [problem.pointer for problem in rule.problems(document)] == pointers
        }

    unbroken = rules | set(EVERY_MESSAGE)
    assert {rule.words for rule in unbroken - broken - ELSEWHERE} == set()


def test_every_vector_has_a_name_of_its_own() -> None:
    names = [vector["rule"] for vector in VECTORS]

    assert len(set(names)) == len(names)
