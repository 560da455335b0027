"""The documents say what the code does: every table is compared with what it tells."""

import inspect
import json
import re
from pathlib import Path

import pytest

from gateway.admin.contract import ANYONE, ROUTES
from gateway.core import errors, limits
from gateway.core.alerts import ALERTS
from gateway.core.delivery import INBOUND, OUTBOUND
from gateway.core.entries.kinds import KINDS
from gateway.core.errors import GatewayError
from gateway.core.protocol import STATUS_OF_CODE
from gateway.flows.findings import FindingCode
from gateway.mla.deadlines import RULES
from gateway.mla.fields import Need
from gateway.mla.types import all_types
from gateway.mla.types.model import MessageType
from gateway.ports.owed import OwedKind
from gateway.telemetry.metrics import FIGURES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.rglob("*.md")),
    *(
        page
        for name in ("README.md", "SECURITY.md", "CHANGELOG.md")
        if (page := ROOT / name).exists()
    ),
]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_PATH = re.compile(r"`((?:gateway|tests|config|keys\.example)/[^`*…<{ ]*)`")


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Return what stands under the heading that begins with `title`."""
    start = re.search(rf"^(#+) {re.escape(title)}(?=[ .`\n]|\Z)", text, re.MULTILINE)
    assert start, f"no heading {title!r}"
    rest = text[start.end() :]
    depth = len(start[1])
    end = re.search(rf"^#{{1,{depth}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def cells(text: str) -> list[list[str]]:
    """Return the cells of every table row."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    split = [re.split(r"(?<!\\)\|", row.strip("|")) for row in rows]
    return [[cell.strip() for cell in row] for row in split]


def code_words(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets on the usual hosts."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        if fragment and target.suffix == ".md":
            headings = _HEADING.findall(target.read_text(encoding="utf-8"))
            assert fragment in map(anchor, headings), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_named_in_code_type_exists(page: Path) -> None:
    for path in _PATH.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


def test_every_page_is_in_the_index() -> None:
    linked = {
        (DOCS / link.partition("#")[0]).resolve()
        for link in _LINK.findall(read("README.md"))
    }
    linked |= {
        (index.parent / link.partition("#")[0]).resolve()
        for index in DOCS.glob("*/README.md")
        for link in _LINK.findall(index.read_text(encoding="utf-8"))
    }
    for page in DOCS.rglob("*.md"):
        assert page in linked or page == DOCS / "README.md", page.name


def test_the_specification_has_the_sections_that_the_code_cites() -> None:
    headings = _HEADING.findall(read("specification.md"))
    numbers = {heading.partition(" ")[0].rstrip(".") for heading in headings}
    cited = {
        number
        for source in (ROOT / "gateway").rglob("*.py")
        for listed in re.findall(
            r"[Ss]pecification,\s+sections?\s+([\d.]+(?:(?:,| and| to)\s[\d.]+)*)",
            source.read_text(encoding="utf-8"),
        )
        for number in re.findall(r"\d+(?:\.\d+)?", listed)
    }
    assert {str(number) for number in range(1, 16)} <= numbers
    assert cited <= numbers


def test_section_9_names_every_limit_with_its_value() -> None:
    told = {
        row[0].strip("`"): row[1]
        for row in cells(section(read("specification.md"), "9"))
    }
    for name, value in vars(limits).items():
        if name.isupper():
            assert told.get(name) == f"{value:,}", name


def test_section_8_1_gives_the_fields_of_every_kind() -> None:
    rows = {
        tuple(row)
        for row in cells(section(read("specification.md"), "8.1"))
        if len(row) == 3
    }
    told = [(row[0], code_words(row[1]), code_words(row[2])) for row in rows]
    for name, kind in KINDS.items():
        expected = (f"`{name}`", set(kind.required), set(kind.optional))
        assert expected in told, name


def test_section_8_1_says_when_each_entry_is_written() -> None:
    text = section(read("specification.md"), "8.1").partition("this version writes")[2]
    told = code_words(text)
    for source in (ROOT / "gateway").rglob("*.py"):
        written = re.findall(r"EntryDraft\(\s*\"([^\"]+)\"", source.read_text("utf-8"))
        assert set(written) <= told, source


def test_section_7_names_every_error_code_and_whose_move_it_is() -> None:
    rows = cells(section(read("specification.md"), "7"))
    for _, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, GatewayError) and "code" in vars(error):
            permanent = "yes" if error.is_permanent else "no"
            expected = [f"`{error.code}`", error.fault.value, permanent]
            assert any(row[:3] == expected for row in rows), error.__name__


def test_section_7_names_every_envelope_vector_with_its_code() -> None:
    rows = cells(section(read("specification.md"), "7"))
    told = {(row[1], row[2]) for row in rows if len(row) == 3 and row[1] != "code"}
    vectors = (ROOT / "tests/vectors/envelope").glob("*.json")
    expected = {
        (f"`{json.loads(path.read_bytes())['expect']}`", f"`{path.name}`")
        for path in vectors
    }
    assert told == expected


def test_section_10_3_gives_the_http_status_of_every_code() -> None:
    told = {
        row[0].strip("`"): row[1]
        for row in cells(section(read("specification.md"), "10.3"))
    }
    for code, status in STATUS_OF_CODE.items():
        assert told.get(code) == str(status), code


def test_section_11_has_every_change_of_state_and_no_other() -> None:
    text = section(read("specification.md"), "11")
    for title, table in (("11.1", OUTBOUND), ("11.2", INBOUND)):
        told = {
            (row[0].strip("`"), row[1], row[2].strip("`"))
            for row in cells(section(text, title))
            if len(row) == 3 and row[0] != "from"
        }
        expected = {(str(s), str(e), str(t)) for (s, e), t in table.items()}
        assert told == expected


def test_section_13_has_every_route_with_its_roles() -> None:
    rows = cells(section(read("specification.md"), "13"))
    for route in ROUTES:
        roles = ", ".join(sorted(route.roles))
        if route.is_open or route.is_public:
            roles = "no login"
        elif route.roles == ANYONE:
            roles = "any role"
        expected = [f"`{route.method}`", f"`{route.path}`", roles]
        assert any(row[:3] == expected for row in rows), route.name


def test_section_13_6_has_every_figure() -> None:
    rows = cells(section(read("specification.md"), "13.6"))
    told = {row[0].strip("`"): (row[1], code_words(row[2])) for row in rows}
    for name, figure in FIGURES.items():
        assert told.get(name) == (figure.kind.value, set(figure.labels)), name


@pytest.mark.parametrize("declared", all_types(), ids=lambda declared: declared.name)
def test_every_declared_message_type_is_described(declared: MessageType) -> None:
    rows = cells(section(read(f"messages/{declared.name}.md"), "Payload"))
    told = {row[0].strip("`"): row[1] for row in rows if row[0] != "field"}
    words = {
        Need.MANDATORY: "mandatory",
        Need.OPTIONAL: "optional",
        Need.CONDITIONAL: "conditional",
    }
    expected = {field.name: words[field.need] for field in declared.payload.fields}
    assert told == expected


def test_every_rule_about_time_is_in_the_table() -> None:
    told = {
        row[0].strip("`"): row[1:]
        for row in cells(section(read("domain.md"), "Deadlines"))
    }
    units = {"c": "calendar days", "w": "working days", "h": "hours"}
    assert told.keys() - {"rule"} == {rule.name for rule in RULES}
    for rule in RULES:
        title, listed, period, stops, longer, side, kind, source, mark = told[rule.name]
        assert title == rule.title_en
        assert listed in {"any", "others", ", ".join(sorted(rule.instruments))}
        if rule.length:
            assert period.startswith(f"{rule.length} {units[rule.unit]}"), rule.name
        assert stops == ("yes" if rule.is_suspended else "no")
        assert str(rule.extension.most_days or "") in longer
        assert (side, kind) == (rule.owner, rule.nature)
        assert (source, mark) == (rule.source, rule.mark)


def test_every_room_is_in_the_tree_of_the_architecture() -> None:
    tree = section(read("architecture.md"), "2.")
    for room in (ROOT / "gateway").rglob("__init__.py"):
        if room.parent != ROOT / "gateway":
            assert f"{room.parent.name}/" in tree, room.parent


def test_the_operators_guide_names_events_and_settings_that_exist() -> None:
    sources = (ROOT / "gateway").rglob("*.py")
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for word in code_words(read("operators.md")):
        if re.fullmatch(r"[a-z]+(_[a-z]+)+", word):
            assert word in source, word


def test_section_13_13_names_every_alert() -> None:
    told = {
        row[0].strip("`"): row[1:]
        for row in cells(section(read("specification.md"), "13.13"))
        if row[0].startswith("`")
    }
    assert told == {
        name: [
            kind.title,
            f"{kind.settle_minutes} minutes" if kind.settle_minutes else "—",
        ]
        for name, kind in ALERTS.items()
    }


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name[:4] for path in (DOCS / "decisions").glob("0*.md"))
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]


def test_section_8_12_names_every_finding_and_what_can_be_owed() -> None:
    told = {row[0] for row in cells(section(read("specification.md"), "8.12"))}
    codes = {f"`{code.value}`" for code in (*FindingCode, *OwedKind)}
    assert codes == told - {"code", "what", "---"}
