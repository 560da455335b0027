"""The chain of custody as JSON, as a list of digests, as a graph and as a page."""

import json
from html.parser import HTMLParser
from typing import cast

import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import XSD

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.case_uco import case_graph
from gateway.mla.custody_html import LANGUAGES, custody_page
from gateway.mla.custody_report import (
    CustodyReport,
    FileCheck,
    NodeStep,
    hash_list,
    items_of,
    json_text,
)
from gateway.mla.problems import select
from tests.support.forms import evidence_message, sample_cases, with_value

CASE = Namespace("https://ontology.caseontology.org/case/investigation/")
ACTION = Namespace("https://ontology.unifiedcyberontology.org/uco/action/")
CORE = Namespace("https://ontology.unifiedcyberontology.org/uco/core/")
OBSERVABLE = Namespace("https://ontology.unifiedcyberontology.org/uco/observable/")
TYPES = Namespace("https://ontology.unifiedcyberontology.org/uco/types/")
MARKING = Namespace("https://ontology.unifiedcyberontology.org/uco/marking/")

# What the published ontologies (CASE 1.4, UCO 1.4) name; nothing else may be used.
CLASSES = {
    CASE.Investigation,
    CASE.InvestigativeAction,
    CASE.ProvenanceRecord,
    CASE.Authorization,
    OBSERVABLE.File,
    OBSERVABLE.FileFacet,
    OBSERVABLE.ContentDataFacet,
    TYPES.Hash,
    MARKING.MarkingDefinition,
    MARKING.StatementMarking,
    MARKING.TermsOfUseMarking,
    URIRef("https://ontology.unifiedcyberontology.org/uco/identity/Identity"),
    URIRef("https://ontology.unifiedcyberontology.org/uco/location/Location"),
    URIRef("https://ontology.unifiedcyberontology.org/uco/tool/Tool"),
}
PROPERTIES = {
    RDF.type,
    CASE.authorizationIdentifier,
    CASE.authorizationType,
    CASE.exhibitNumber,
    CASE.investigationForm,
    CASE.relevantAuthorization,
    CASE.rootExhibitNumber,
    CASE.wasDerivedFrom,
    CASE.wasInformedBy,
    ACTION.endTime,
    ACTION.instrument,
    ACTION.location,
    ACTION.object,
    ACTION.performer,
    ACTION.result,
    ACTION.startTime,
    CORE.description,
    CORE.hasFacet,
    CORE.name,
    CORE.object,
    CORE.objectMarking,
    OBSERVABLE.fileName,
    OBSERVABLE.hash,
    OBSERVABLE.mimeType,
    OBSERVABLE.sizeInBytes,
    TYPES.hashMethod,
    TYPES.hashValue,
    MARKING.definition,
    MARKING.definitionType,
    MARKING.statement,
    MARKING.termsOfUse,
    URIRef("https://ontology.unifiedcyberontology.org/uco/tool/version"),
}


def file_of(item: JsonObject, **changes: object) -> FileCheck:
    digests = cast("list[JsonObject]", item["digests"])
    made = {
        "name": str(item["file_name"]),
        "size": cast("int", item["size_bytes"]),
        "sha256": str(digests[0]["value"]),
        "state": "verified",
        "checked_at": "2026-09-25T09:00:08.000Z",
    }
    return FileCheck(**{**made, **changes})  # type: ignore[arg-type]  # of the test


def report_of(document: JsonObject, *files: FileCheck) -> CustodyReport:
    steps = (
        NodeStep(index=7, at="2026-09-25T09:00:06.000Z", kind="msg.receive"),
        NodeStep(
            index=9,
            at="2026-09-25T10:00:00.000Z",
            kind="msg.access",
            proof="access-moj.ee-audit-1-9.tlog-proof",
        ),
        NodeStep(index=11, at="2026-09-25T10:01:00.000Z", kind="something.new"),
    )
    return CustodyReport(
        node="moj.ee",
        made_at="2026-09-25T10:00:00.000Z",
        purpose="file for the court <b>",
        access_index=9,
        message_id="a41cf273-def6-527f-b96d-48137d4df7de",
        box="in",
        peer="ca01.pt.example",
        document=document,
        items=items_of(document, files),
        steps=steps,
    )


DOCUMENT = evidence_message()
FIRST, SECOND = (
    cast("JsonObject", one.value) for one in select(DOCUMENT, "/payload/manifest/*")
)
REPORT = report_of(
    DOCUMENT,
    file_of(FIRST, signatures=("PAdES valid R. Pedralva",)),
    file_of(SECOND, faults=("a signature does not hold",)),
)


# --- JSON and digests ---


def test_the_report_joins_manifest_file_and_log() -> None:
    told = json.loads(json_text(REPORT))

    assert told["message"]["case"] == DOCUMENT["case_id"]
    assert [one["item"] for one in told["items"]] == [FIRST, SECOND]
    assert told["items"][1]["file"]["faults"] == ["a signature does not hold"]
    assert told["items"][0]["custody_problems"] == []
    assert [(one["index"], one["kind"]) for one in told["log"]] == [
        (7, "msg.receive"),
        (9, "msg.access"),
        (11, "something.new"),
    ]
    assert canonical.encode(told) + b"\n" == json_text(REPORT)


def test_items_without_file_and_files_without_item_are_shown() -> None:
    lone = FileCheck(name="lone.bin", size=1, sha256="00" * 32, state="stored")

    first, second, last = items_of(DOCUMENT, [file_of(FIRST), lone])

    assert first.file is not None
    assert second.file is None
    assert (last.item, last.file, last.item_id, last.title) == ({}, lone, "", "")


def test_the_list_of_digests_is_sorted_and_whole() -> None:
    lines = hash_list(REPORT).splitlines()

    names = [line.split("  ")[3] for line in lines]
    assert names == sorted(names)
    assert [line.split("  ")[0] for line in lines] == ["SHA-256", "SHA-512"] * 2
    digest = cast("list[JsonObject]", FIRST["digests"])[1]["value"]
    assert f"SHA-512  {digest}  222  {FIRST['file_name']}" in lines


def test_digests_of_ciphertext_and_of_absent_files_are_not_listed() -> None:
    document = with_value(DOCUMENT, "/payload/manifest/0/digest_over", "CIPHER")
    report = report_of(document, file_of(FIRST))

    (line,) = hash_list(report).splitlines()
    assert line.startswith("SHA-256  ")


# --- CASE/UCO ---


# The reader of the library still uses what the library has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")


def graph_of(report: CustodyReport) -> Graph:
    raw = canonical.encode(case_graph(report)).decode()
    return Graph().parse(data=raw, format="json-ld")


def every_sample() -> list[CustodyReport]:
    reports = []
    for case in sample_cases():
        items: list[JsonValue] = [one.value for one in select(case, "evidence/*")]
        document = with_value(DOCUMENT, "/payload/manifest", items)
        reports.append(report_of(document))
    return reports


@pytest.mark.parametrize("report", [REPORT, *every_sample()])
def test_the_graph_uses_published_names_only(report: CustodyReport) -> None:
    graph = graph_of(report)

    assert len(graph) > 50
    assert {one for one in graph.predicates() if isinstance(one, URIRef)} <= PROPERTIES
    assert set(graph.objects(predicate=RDF.type)) <= CLASSES
    # Every node that is pointed at is there.
    pointed = {one for one in graph.objects() if str(one).startswith("urn:")}
    assert pointed <= set(graph.subjects())


def test_every_event_is_an_action_informed_by_the_one_before() -> None:
    graph = graph_of(REPORT)

    actions = set(graph.subjects(RDF.type, CASE.InvestigativeAction))
    assert len(actions) == 10
    informed = list(graph.subject_objects(CASE.wasInformedBy))
    assert len(informed) == 8
    for action in actions:
        start = graph.value(action, ACTION.startTime)
        assert isinstance(start, Literal)
        assert start.datatype == XSD.dateTime
        assert graph.value(action, ACTION.performer) is not None
        assert graph.value(graph.value(action, ACTION.object), RDF.type) == (
            OBSERVABLE.File
        )


def test_digests_are_hashes_of_the_content() -> None:
    graph = graph_of(REPORT)

    values = {
        (
            str(graph.value(one, TYPES.hashMethod)),
            str(graph.value(one, TYPES.hashValue)),
        )
        for one in graph.subjects(RDF.type, TYPES.Hash)
    }
    sha256 = cast("list[JsonObject]", FIRST["digests"])[0]["value"]
    assert ("SHA256", str(sha256).upper()) in values or (
        "SHA256",
        str(sha256),
    ) in values
    assert len(values) == 4


def test_a_derived_item_names_its_source_and_root_exhibit() -> None:
    (report,) = [one for one in every_sample() if any(_parents(one))]
    graph = graph_of(report)

    (derived,) = graph.subject_objects(CASE.wasDerivedFrom)
    assert "f4f60657-ca86-5e19-bd9d-9e1878cbea56" in str(derived[1])
    roots = {str(one) for one in graph.objects(predicate=CASE.rootExhibitNumber)}
    assert "f4f60657-ca86-5e19-bd9d-9e1878cbea56" in roots


def _parents(report: CustodyReport) -> list[JsonValue]:
    return [
        item.item["parent_item"] for item in report.items if "parent_item" in item.item
    ]


def test_two_exports_of_one_message_are_the_same_graph() -> None:
    assert canonical.encode(case_graph(REPORT)) == canonical.encode(case_graph(REPORT))


# --- the page ---


class _Reader(HTMLParser):
    """Checks that elements nest, and gathers what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.headings: list[int] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(int(tag[1]))
        if tag == "th":
            assert dict(attrs).get("scope") in {"row", "col"}
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_holds_all_there_is(language: str) -> None:
    page = custody_page(REPORT, language)
    reader = _Reader()
    reader.feed(page)
    text = " ".join(reader.seen)

    assert reader.open == []
    assert f'<html lang="{language}">' in page
    assert reader.headings[0] == 1
    assert all(
        b - a <= 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False)
    )
    assert not {"script", "img", "link", "iframe", "a"} & reader.tags
    for expected in (
        "Rui Pedralva",
        "ORD-2026-331",
        "a163c69a4ab008bbec76cba9077545a474ce75125e2537c17c2a3713a780feba",
        "a signature does not hold",
        "PAdES valid R. Pedralva",
        "msg.access",
        "access-moj.ee-audit-1-9.tlog-proof",
        "file for the court <b>",
        "Evidence store, locker E-17",
    ):
        assert expected in text, expected


def test_what_people_wrote_cannot_become_markup() -> None:
    evil = "<script>alert(1)</script>"
    document = DOCUMENT
    for pointer in ("title", "custody/0/reason", "source/holder", "file_name"):
        document = with_value(document, f"/payload/manifest/0/{pointer}", evil)

    page = custody_page(report_of(document, file_of(FIRST, name=evil)))

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4


def test_a_page_of_nothing_says_so() -> None:
    bare = report_of({"msg_type": "ACK"})
    alone = report_of({}, FileCheck(name="x", size=1, sha256="00", state="stored"))

    assert "The message has no evidence items." in custody_page(bare)
    assert "No custody was recorded." in custody_page(alone)
    assert "not yet" in custody_page(alone)
    document = with_value(DOCUMENT, "/payload/manifest/0/custody/1/seq", 9)
    assert "To be looked at" in custody_page(report_of(document))
