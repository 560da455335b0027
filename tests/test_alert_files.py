"""Prometheus rules, dashboard and runbooks fit the node, and one another."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import promql_parser as promql
import pytest
import yaml

from gateway.core.alerts import ALERTS
from gateway.core.canonical import JsonObject, JsonValue
from gateway.ports.alarms import AlarmKind
from gateway.telemetry.metrics import FIGURES

ROOT = Path(__file__).parent.parent
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text(encoding="utf-8")
RULES = cast(
    "JsonObject", yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
)
BOARD = cast(
    "JsonObject", json.loads((ROOT / "deploy/grafana/dashboard.json").read_bytes())
)

# Labels that Prometheus itself adds to every series.
_OF_PROMETHEUS = {"job", "instance"}
_PARTS_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")
_TEMPLATE = "{{ $labels.name }}"


def sections() -> dict[str, str]:
    """Return the text of each section of the runbooks, by its heading."""
    parts = re.split(r"^## (.+)$", RUNBOOKS, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rules() -> list[JsonObject]:
    groups = cast("list[JsonObject]", RULES["groups"])
    return [
        rule for group in groups for rule in cast("list[JsonObject]", group["rules"])
    ]


def expressions_of_board(value: JsonValue) -> Iterator[str]:
    """Yield every query of the dashboard."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "expr" and isinstance(item, str):
                yield item
            else:
                yield from expressions_of_board(item)
    elif isinstance(value, list):
        for item in value:
            yield from expressions_of_board(item)


def selectors(expression: object) -> Iterator[promql.VectorSelector]:
    """Yield every selection of series in a parsed query."""
    if expression is None:
        return
    if isinstance(expression, promql.VectorSelector):
        yield expression
        return
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        yield from selectors(getattr(expression, name, None))
    for argument in getattr(expression, "args", None) or ():
        yield from selectors(argument)


def check(expression: str) -> int:
    """Check that a query is one, over figures of the node; return of how many."""
    found = list(selectors(promql.parse(expression)))
    for selector in found:
        name = selector.name or ""
        if name == "up":
            continue
        base = name
        for part in _PARTS_OF_HISTOGRAMS:
            if name.removesuffix(part) in FIGURES:
                base = name.removesuffix(part)
        assert base in FIGURES, f"{name} is no figure of the node"
        is_histogram = FIGURES[base].kind == "histogram"
        assert is_histogram is (base != name), name
        labels = {matcher.name for matcher in selector.matchers.matchers}
        known = set(FIGURES[base].labels) | _OF_PROMETHEUS
        assert labels <= known, f"{name} has no label {labels - known}"
    # Nothing that looks like a figure escapes the walk.
    assert len(re.findall(r"\b(?:mla_\w+|up\{)", expression)) == len(found)
    return len(found)


def test_rules_have_the_shape_that_prometheus_reads() -> None:
    assert set(RULES) == {"groups"}
    for group in cast("list[JsonObject]", RULES["groups"]):
        assert set(group) == {"name", "rules"}
    names = [str(rule["alert"]) for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert re.fullmatch(r"Mla[A-Za-z]+", str(rule["alert"]))
        assert re.fullmatch(r"[1-9][0-9]*[mh]", str(rule.get("for", "1m")))
        assert cast("JsonObject", rule["labels"])["severity"] in {
            "warning",
            "critical",
        }
        assert set(cast("JsonObject", rule["annotations"])) == {
            "summary",
            "runbook_url",
        }


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_every_rule_asks_for_figures_of_the_node(rule: JsonObject) -> None:
    assert check(str(rule["expr"])) >= 1


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_every_rule_leads_to_its_section(rule: JsonObject) -> None:
    page, _, fragment = str(
        cast("JsonObject", rule["annotations"])["runbook_url"]
    ).partition("#")
    assert page == "docs/runbooks.md"
    if fragment == _TEMPLATE:
        assert "mla_alert{" in str(rule["expr"])
    else:
        assert fragment in sections()


def test_labels_that_rules_compare_with_exist() -> None:
    for rule in rules():
        for kind in re.findall(r'kind=~?"([^"]+)"', str(rule["expr"])):
            assert any(re.fullmatch(kind, one.value) for one in AlarmKind), kind


def test_the_dashboard_asks_for_figures_of_the_node() -> None:
    found = [
        text.replace('instance=~"$instance"', 'instance=~".*"')
        for text in expressions_of_board(BOARD)
    ]
    assert len(found) > 20
    assert all(check(text) for text in found)


def test_panels_of_the_dashboard_do_not_cover_one_another() -> None:
    panels = cast("list[JsonObject]", BOARD["panels"])
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = cast("dict[str, int]", panel["gridPos"])
        cells = {
            (place["x"] + x, place["y"] + y)
            for x in range(place["w"])
            for y in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_section(name: str) -> None:
    assert name in sections()


@pytest.mark.parametrize("name", sections())
def test_every_section_says_what_it_means_where_to_look_and_what_to_do(
    name: str,
) -> None:
    text = sections()[name]
    for part in ("**Means.**", "**Look first.**", "**Do.**"):
        assert text.count(part) == 1, part
    assert "```sh" in text
