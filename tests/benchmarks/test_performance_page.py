"""The page on performance says what there is, and what was found last."""

import json
import re

from benchmarks.performance_page import PAGE, PICTURE, RESULTS, renewed
from benchmarks.registry import all_scenarios

_AGAIN = "run: python -m benchmarks --write-docs"


def _part(name: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found, name
    return found[1]


def test_the_page_lists_every_scenario_and_no_other() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", _part("scenarios"), re.MULTILINE))

    assert told == set(all_scenarios()), _AGAIN


def test_every_scenario_has_a_goal_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Goals")[2]
    goals = text.partition("## ")[0]
    told = set(re.findall(r"\| `(\w+)` \|$", goals, re.MULTILINE))

    assert set(all_scenarios()) <= told
    assert re.findall(r"^\| (S\d+) ", goals, re.MULTILINE) == [
        f"S{number}" for number in range(1, 16)
    ]


def test_the_page_shows_the_results_that_are_kept() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")

    assert renewed(text, found) == text, _AGAIN
    assert len(_part("results").splitlines()) >= 4 + len(found["figures"])
    for goal in found["goals"]:
        assert f"{goal['scenario']} " in PICTURE.read_text(encoding="utf-8"), _AGAIN


def test_what_is_written_can_hold_anything() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    found["failures"] = [{"scenario": "api", "reason": "a | b\n\\1 c"}]

    text = renewed(PAGE.read_text(encoding="utf-8"), found)

    assert "`api` could not be measured: a \\| b \\1 c" in text
