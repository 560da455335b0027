"""A report of custody as a page: accessible HTML that prints well, and nothing else.

No script, no picture, nothing from anywhere: the page holds all it shows. Everything
that people wrote is escaped.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from gateway.core.canonical import JsonObject
from gateway.mla.codelists import code_list
from gateway.mla.custody_report import CustodyItem, CustodyReport
from gateway.mla.fields import Field
from gateway.mla.manifest import CUSTODY_EVENT, ITEM, SOURCE
from gateway.mla.problems import select, text_at

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #111; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left;
  overflow-wrap: anywhere;
  vertical-align: top; }
th { background: #f0f0f0; }
.problem { border-left: .3rem solid #a40000; padding-left: .5rem; }
@page { size: A4; margin: 18mm; }
@media print {
  body { max-width: none; margin: 0; font-size: 9.5pt; }
  section, tr { break-inside: avoid; }
  thead { display: table-header-group; }
  h2, h3, caption { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""

_ENGLISH: Mapping[str, str] = {
    "title": "Chain of custody",
    "message": "Message",
    "id": "Id",
    "type": "Type",
    "case": "Case",
    "created": "Made at",
    "items": "Items",
    "log": "What the log of this node says",
    "made": "Made by {node} at {made_at}, for: {purpose} (log entry {access_index})",
    "received": "received from",
    "sent": "sent to",
    "file": "File",
    "state": "State of the file here",
    "checked": "Looked at",
    "never": "not yet",
    "good": "nothing speaks against it",
    "digests": "Digests",
    "signatures": "Signatures of persons",
    "problems": "To be looked at",
    "events": "Custody events",
    "no_events": "No custody was recorded.",
    "no_items": "The message has no evidence items.",
    "index": "Entry",
    "at": "When",
    "kind": "What",
    "detail": "Detail",
    "proof": "Proof",
    "elsewhere": "Travels by another way; not here.",
    "note": "Entries are proven by the files in the folder proofs; check them with "
    "mla-gateway verify. Times of the manifest are those of the parties, times of the "
    "log those of this node.",
}
_FRENCH: Mapping[str, str] = {
    "title": "Chaîne de conservation",
    "message": "Message",
    "id": "Identifiant",
    "type": "Type",
    "case": "Affaire",
    "created": "Établi le",
    "items": "Pièces",
    "log": "Ce que dit le journal de ce nœud",
    "made": "Établi par {node} le {made_at}, motif : {purpose} (entrée {access_index} "
    "du journal)",
    "received": "reçu de",
    "sent": "envoyé à",
    "file": "Fichier",
    "state": "État du fichier ici",
    "checked": "Examiné",
    "never": "pas encore",
    "good": "rien à signaler",
    "digests": "Empreintes",
    "signatures": "Signatures de personnes",
    "problems": "À examiner",
    "events": "Événements de conservation",
    "no_events": "Aucune conservation n'a été consignée.",
    "no_items": "Le message ne comporte aucune pièce.",
    "index": "Entrée",
    "at": "Moment",
    "kind": "Quoi",
    "detail": "Précision",
    "proof": "Preuve",
    "elsewhere": "Transmise par une autre voie ; absente d'ici.",
    "note": "Les entrées sont prouvées par les fichiers du dossier proofs ; "
    "vérification : mla-gateway verify. Les heures du manifeste sont celles des "
    "parties, celles du journal sont de ce nœud.",
}
_WORDS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "fr": _FRENCH}
LANGUAGES = tuple(_WORDS)
"""Languages that a page can be made in."""

_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
)

_EVENT_COLUMNS = ("seq", "event", "at", "actor", "organisation", "place", "reason")
_ITEM_ROWS = (
    "item_id",
    "parent_item",
    "type",
    "media_type",
    "size_bytes",
    "acquired_at",
    "acquired_by",
    "legal_authority",
    "measure_id",
    "handling",
    "purpose",
    "conditions",
    "channel",
)
_CODES: Mapping[str, str] = {
    "type": "EVID",
    "event": "CUSTODY",
    "purpose": "PURPOSE",
    "channel": "CHANNEL",
}


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str = ""
) -> str:
    """Return a table; without a head, the first cell of each row names the others."""
    parts = ["<table>\n"]
    if caption:
        parts.append(f"<caption>{escape(caption)}</caption>\n")
    if head:
        cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
        parts.append(f"<thead>\n<tr>{cells}</tr>\n</thead>\n")
    parts.append("<tbody>\n")
    for row in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
        if not head:
            first = f'<th scope="row">{escape(row[0])}</th>'
            cells = first + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        parts.append(f"<tr>{cells}</tr>\n")
    parts.append("</tbody>\n</table>\n")
    return "".join(parts)


def custody_page(report: CustodyReport, language: str = "en") -> str:
    """Return a report as a page in a language of `LANGUAGES`."""
    return "".join(_Page(report, language).parts())


class _Page:
    def __init__(self, report: CustodyReport, language: str) -> None:
        self._report = report
        self._language = language
        self._words = _WORDS[language]

    def parts(self) -> Iterator[str]:
        words, report = self._words, self._report
        title = f"{words['title']}: {report.message_id}"
        yield f'<!doctype html>\n<html lang="{self._language}">\n<head>\n'
        yield '<meta charset="utf-8">\n'
        yield _POLICY
        yield '<meta name="viewport" content="width=device-width">\n'
        yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        yield f"<body>\n<main>\n<h1>{escape(words['title'])}</h1>\n"
        made = words["made"].format(
            node=report.node,
            made_at=report.made_at,
            purpose=report.purpose,
            access_index=report.access_index,
        )
        yield f"<p>{escape(made)}</p>\n"
        yield from self._message()
        yield f"<section>\n<h2>{escape(words['items'])}</h2>\n"
        if not report.items:
            yield f"<p>{escape(words['no_items'])}</p>\n"
        for item in report.items:
            yield from self._item(item)
        yield "</section>\n"
        yield from self._log()
        yield f"<p>{escape(words['note'])}</p>\n</main>\n</body>\n</html>\n"

    def _message(self) -> Iterator[str]:
        words, report = self._words, self._report
        way = words["received" if report.box == "in" else "sent"]
        yield f"<section>\n<h2>{escape(words['message'])}</h2>\n"
        yield _table(
            (),
            [
                (words["id"], report.message_id),
                (way, report.peer),
                (words["type"], text_at(report.document, "/msg_type") or ""),
                (words["case"], report.case_id),
                (words["created"], text_at(report.document, "/created_at") or ""),
            ],
        )
        yield "</section>\n"

    def _item(self, item: CustodyItem) -> Iterator[str]:
        words = self._words
        name = item.title or (item.file.name if item.file else item.item_id)
        yield f"<section>\n<h3>{escape(name)}</h3>\n"
        rows = [
            (self._label(ITEM.fields, row), self._shown(row, item.item))
            for row in _ITEM_ROWS
            if row in item.item
        ]
        holder = text_at(item.item, "source/holder")
        if holder:
            rows.append((self._label(SOURCE.fields, "holder"), holder))
        yield _table((), rows)
        yield from self._file(item)
        problems = [*item.problems, *(item.file.faults if item.file else ())]
        if problems:
            yield f'<div class="problem">\n<p>{escape(words["problems"])}:</p>\n<ul>\n'
            yield "".join(f"<li>{escape(one)}</li>\n" for one in problems)
            yield "</ul>\n</div>\n"
        yield from self._events(item)
        yield "</section>\n"

    def _file(self, item: CustodyItem) -> Iterator[str]:
        words, file = self._words, item.file
        if file is None:
            yield f"<p>{escape(words['elsewhere'])}</p>\n"
            return
        digests = [("SHA-256", file.sha256)] + [
            (text_at(one.value, "alg") or "", text_at(one.value, "value") or "")
            for one in select(item.item, "digests/*")
            if text_at(one.value, "alg") != "SHA-256"
        ]
        checked = file.checked_at or words["never"]
        if file.checked_at and not file.faults:
            checked += f": {words['good']}"
        rows = [
            (words["file"], file.name),
            (words["state"], file.state),
            (words["checked"], checked),
            *((f"{words['digests']}: {name}", value) for name, value in digests),
            *((words["signatures"], line) for line in file.signatures),
        ]
        yield _table((), rows)

    def _events(self, item: CustodyItem) -> Iterator[str]:
        words = self._words
        if not item.events:
            yield f"<p>{escape(words['no_events'])}</p>\n"
            return
        yield _table(
            [self._label(CUSTODY_EVENT.fields, name) for name in _EVENT_COLUMNS],
            [
                tuple(self._shown(name, event) for name in _EVENT_COLUMNS)
                for event in item.events
            ],
            caption=words["events"],
        )

    def _log(self) -> Iterator[str]:
        words = self._words
        yield f"<section>\n<h2>{escape(words['log'])}</h2>\n"
        yield _table(
            [words[name] for name in ("index", "at", "kind", "detail", "proof")],
            [
                (
                    str(step.index),
                    step.at,
                    f"{step.words} ({step.kind})",
                    " ".join(filter(None, (step.detail, step.told))),
                    step.proof,
                )
                for step in self._report.steps
            ],
        )
        yield "</section>\n"

    def _label(self, fields: Sequence[Field], name: str) -> str:
        for field in fields:
            if field.name == name:
                return field.help_fr if self._language == "fr" else field.help_en
        return name

    def _shown(self, name: str, owner: JsonObject) -> str:
        value = owner.get(name, "")
        if isinstance(value, list):
            return ", ".join(str(one) for one in value)
        text = str(value)
        if name in _CODES:
            label = code_list(_CODES[name]).label(text)
            return text if label == text else f"{label} ({text})"
        return text
