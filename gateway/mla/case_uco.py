"""A report of custody as JSON-LD in the terms of CASE 1.4 and UCO 1.4.

Every custody event is an `InvestigativeAction` on the file it is about, informed by the
one before; every item is a `ProvenanceRecord`, numbered by its id; orders are
`Authorization`. Ids are URNs made of the ids that the message has already, so that two
exports of one message are the same graph.
"""

from collections.abc import Iterator, Mapping

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.custody_report import CustodyItem, CustodyReport
from gateway.mla.problems import select, text_at, texts_at

_CASE = "https://ontology.caseontology.org/case/investigation/"
_UCO = "https://ontology.unifiedcyberontology.org/uco/"

CONTEXT: JsonObject = {
    "case-investigation": _CASE,
    "uco-action": f"{_UCO}action/",
    "uco-core": f"{_UCO}core/",
    "uco-identity": f"{_UCO}identity/",
    "uco-location": f"{_UCO}location/",
    "uco-marking": f"{_UCO}marking/",
    "uco-observable": f"{_UCO}observable/",
    "uco-tool": f"{_UCO}tool/",
    "uco-types": f"{_UCO}types/",
    "uco-vocabulary": f"{_UCO}vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

# How the hash vocabulary of UCO spells the algorithms; others keep their own names.
_METHODS: Mapping[str, str] = {
    "MD5": "MD5",
    "SHA-1": "SHA1",
    "SHA-256": "SHA256",
    "SHA-384": "SHA384",
    "SHA-512": "SHA512",
    "SHA3-256": "SHA3-256",
    "SHA3-512": "SHA3-512",
    "SSDEEP": "SSDEEP",
}


def case_graph(report: CustodyReport) -> JsonObject:
    """Return a report as one JSON-LD document."""
    nodes: dict[str, JsonObject] = {}
    for node in _nodes(report):
        # Persons, organisations, places and orders come back with every event.
        nodes.setdefault(str(node["@id"]), node)
    graph: list[JsonValue] = list(nodes.values())
    return {"@context": CONTEXT, "@graph": graph}


def _nodes(report: CustodyReport) -> Iterator[JsonObject]:
    yield _investigation(report)
    for number, item in enumerate(report.items, 1):
        yield from _Described(report, item, number).nodes()
    for item in report.items:
        parent = text_at(item.item, "parent_item")
        if parent:
            # Where it does not travel too: all that is known of it is its number.
            yield _node(
                _urn("file", parent), "uco-observable:File", {"uco-core:name": parent}
            )


def _investigation(report: CustodyReport) -> JsonObject:
    authorities: list[JsonValue] = [
        _ref(order) for order in dict.fromkeys(map(_order_of, report.items)) if order
    ]
    objects: list[JsonValue] = [
        _ref(_Described(report, item, number).record_id)
        for number, item in enumerate(report.items, 1)
    ]
    node = _node(
        _urn("case", report.case_id),
        "case-investigation:Investigation",
        {
            "uco-core:name": report.case_id,
            "case-investigation:investigationForm": _vocabulary(
                "InvestigationFormVocab", "case"
            ),
        },
    )
    if authorities:
        node["case-investigation:relevantAuthorization"] = authorities
    if objects:
        node["uco-core:object"] = objects
    return node


class _Described:
    """An item of a report, and the ids of what describes it."""

    def __init__(self, report: CustodyReport, item: CustodyItem, number: int) -> None:
        self._report = report
        self._item = item
        self._key = item.item_id or f"{report.message_id}/{number}"
        self.file_id = _urn("file", self._key)
        self.record_id = _urn("provenance", self._key)

    def nodes(self) -> Iterator[JsonObject]:
        yield self._file()
        yield self._record()
        yield from self._authorization()
        yield from self._markings()
        before = ""
        for event in self._item.events:
            action = self._action(event, before)
            before = str(action["@id"])
            yield action
            yield from _around(event)

    def _file(self) -> JsonObject:
        item, file = self._item.item, self._item.file
        content: JsonObject = {"@type": "uco-observable:ContentDataFacet"}
        content["@id"] = _urn("content", self._key)
        media_type = text_at(item, "media_type")
        if media_type:
            content["uco-observable:mimeType"] = media_type
        size = [one.value for one in select(item, "size_bytes")] or (
            [file.size] if file else []
        )
        if size:
            content["uco-observable:sizeInBytes"] = _typed("integer", str(size[0]))
        hashes = list(self._hashes())
        if hashes:
            content["uco-observable:hash"] = hashes
        name = text_at(item, "file_name") or (file.name if file else "")
        node = _node(
            self.file_id,
            "uco-observable:File",
            {
                "uco-core:name": self._item.title or name,
                "uco-core:hasFacet": [
                    {
                        "@id": _urn("name", self._key),
                        "@type": "uco-observable:FileFacet",
                        "uco-observable:fileName": name,
                    },
                    content,
                ],
            },
        )
        parent = text_at(item, "parent_item")
        if parent:
            node["case-investigation:wasDerivedFrom"] = _ref(_urn("file", parent))
        markings: list[JsonValue] = [_ref(one) for one in self._marking_ids()]
        if markings:
            node["uco-core:objectMarking"] = markings
        return node

    def _hashes(self) -> Iterator[JsonValue]:
        digests = {
            text_at(found.value, "alg"): text_at(found.value, "value")
            for found in select(self._item.item, "digests/*")
        }
        if self._item.file is not None:
            digests.setdefault("SHA-256", self._item.file.sha256)
        for algorithm, value in digests.items():
            if algorithm is None or value is None:
                continue
            method = _METHODS.get(algorithm)
            yield {
                "@id": _urn("hash", f"{self._key}/{algorithm}"),
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": (
                    _vocabulary("HashNameVocab", method) if method else algorithm
                ),
                "uco-types:hashValue": _typed("hexBinary", value.upper()),
            }

    def _record(self) -> JsonObject:
        item = self._item.item
        root = text_at(item, "parent_item") or self._item.item_id
        made: JsonObject = {
            "uco-core:description": self._item.title,
            "case-investigation:exhibitNumber": self._item.item_id or self._key,
            "uco-core:object": [_ref(self.file_id)],
        }
        if root:
            made["case-investigation:rootExhibitNumber"] = root
        return _node(self.record_id, "case-investigation:ProvenanceRecord", made)

    def _authorization(self) -> Iterator[JsonObject]:
        order = text_at(self._item.item, "legal_authority")
        if order:
            yield _node(
                _order_of(self._item),
                "case-investigation:Authorization",
                {
                    "case-investigation:authorizationType": "order or law",
                    "case-investigation:authorizationIdentifier": order,
                },
            )

    def _marking_ids(self) -> list[str]:
        markings = sorted(texts_at(self._item.item, "handling/*"))
        conditions = sorted(texts_at(self._item.item, "conditions/*"))
        return [_urn("marking", one) for one in (*markings, *conditions)]

    def _markings(self) -> Iterator[JsonObject]:
        for marking in sorted(texts_at(self._item.item, "handling/*")):
            yield _marking(marking, "StatementMarking", "statement")
        for condition in sorted(texts_at(self._item.item, "conditions/*")):
            yield _marking(condition, "TermsOfUseMarking", "termsOfUse")

    def _action(self, event: JsonObject, before: str) -> JsonObject:
        seq = event.get("seq")
        at = text_at(event, "at") or ""
        made: JsonObject = {
            "uco-core:name": text_at(event, "event") or "",
            "uco-core:description": text_at(event, "reason") or "",
            "uco-action:object": [_ref(self.file_id)],
            "uco-action:performer": _ref(_person_id(event)),
        }
        if at:
            made["uco-action:startTime"] = _typed("dateTime", at)
            made["uco-action:endTime"] = _typed("dateTime", at)
        if text_at(event, "place"):
            made["uco-action:location"] = [_ref(_place_id(event))]
        if text_at(event, "tool"):
            made["uco-action:instrument"] = [_ref(_tool_id(event))]
        if before:
            made["case-investigation:wasInformedBy"] = _ref(before)
        made["uco-action:result"] = [_ref(self.record_id)]
        return _node(
            _urn("action", f"{self._key}/{seq}"),
            "case-investigation:InvestigativeAction",
            made,
        )


def _around(event: JsonObject) -> Iterator[JsonObject]:
    """Yield who, where and with what an event was."""
    yield _node(
        _person_id(event),
        "uco-identity:Identity",
        {
            "uco-core:name": text_at(event, "actor") or "",
            "uco-core:description": ", ".join(
                text
                for name in ("post", "role", "organisation")
                if (text := text_at(event, name))
            ),
        },
    )
    place, tool = text_at(event, "place"), text_at(event, "tool")
    if place:
        yield _node(_place_id(event), "uco-location:Location", {"uco-core:name": place})
    if tool:
        made: JsonObject = {"uco-core:name": tool}
        version = text_at(event, "version")
        if version:
            made["uco-tool:version"] = version
        yield _node(_tool_id(event), "uco-tool:Tool", made)


# --- ids and values ---


def _node(node_id: str, kind: str, made: JsonObject) -> JsonObject:
    kept = {name: value for name, value in made.items() if value not in ("", [])}
    return {"@id": node_id, "@type": kind} | kept


def _marking(code: str, kind: str, field: str) -> JsonObject:
    return {
        "@id": _urn("marking", code),
        "@type": "uco-marking:MarkingDefinition",
        "uco-marking:definitionType": kind,
        "uco-marking:definition": [
            {
                "@id": _urn("marking-text", code),
                "@type": f"uco-marking:{kind}",
                f"uco-marking:{field}": code,
            }
        ],
    }


def _urn(kind: str, name: str) -> str:
    """Return an id that a JSON-LD reader takes, made of a name of any characters."""
    escaped = "".join(
        char if char.isascii() and (char.isalnum() or char in "-._") else _escape(char)
        for char in name
    )
    return f"urn:mla:{kind}:{escaped}"


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _ref(node_id: str) -> JsonObject:
    return {"@id": node_id}


def _typed(kind: str, value: str) -> JsonObject:
    return {"@type": f"xsd:{kind}", "@value": value}


def _vocabulary(name: str, value: str) -> JsonObject:
    return {"@type": f"uco-vocabulary:{name}", "@value": value}


def _order_of(item: CustodyItem) -> str:
    order = text_at(item.item, "legal_authority")
    return _urn("authorization", order) if order else ""


def _person_id(event: JsonObject) -> str:
    organisation = text_at(event, "organisation") or ""
    return _urn("identity", f"{text_at(event, 'actor') or ''}/{organisation}")


def _place_id(event: JsonObject) -> str:
    return _urn("place", text_at(event, "place") or "")


def _tool_id(event: JsonObject) -> str:
    return _urn("tool", f"{text_at(event, 'tool')}/{text_at(event, 'version') or ''}")
