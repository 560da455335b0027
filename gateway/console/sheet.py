"""One page on which a message is composed: what its form carries beside the fields.

Nothing of a message that is being written is kept by the node: the page itself carries
all of it, from one post to the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.console.fields import Fields
from gateway.console.forms.posting import draft_from
from gateway.console.forms.sections import HIDDEN, author_block
from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.errors import MalformedError, UsageError
from gateway.core.limits import MAX_ATTACHMENTS, MAX_FORM_BYTES, MAX_REASON_CHARS
from gateway.mla.problems import values_at
from gateway.mla.types import declared_type
from gateway.mla.types.model import MessageType

TO: Final = "_to"
KEY: Final = "_key"
REASON: Final = "_reason"
UPLOAD: Final = "_upload"
SOURCE: Final = "_source"
MEASURE: Final = "_measure"
ALL: Final = "_all"
DOCUMENT: Final = "_document"
ACTION: Final = "_do"

_MAX_TEXT_CHARS: Final = 64
_MOST_MEASURES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file that was sent in for the message, by the id of its upload."""

    id: str
    name: str

    @property
    def text(self) -> str:
        """The two as the form carries them."""
        return f"{self.id}|{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A message that is being composed.

    Attributes:
        to: The addressee.
        key: Under which it is submitted, once however often it is sent.
        reason: Why it is sent in spite of rules that may be overridden.
        is_whole: Whether its author asked what is still missing.
        source: Message of the case from which more can be taken over.
        measures: Short ids of the measures of the case.
    """

    declared: MessageType
    to: str
    key: str
    draft: JsonObject = field(repr=False)
    attached: tuple[Attached, ...] = ()
    reason: str = ""
    is_whole: bool = False
    source: str = ""
    measures: tuple[str, ...] = ()

    @property
    def uploads(self) -> tuple[str, ...]:
        """The uploads that belong to an item, in the order of the items."""
        by_name = {one.name: one.id for one in self.attached}
        return tuple(
            by_name[name] for name in file_names(self.draft) if name in by_name
        )

    def with_draft(self, draft: JsonObject) -> "Sheet":
        """Return the sheet with another draft."""
        return replace(self, draft=draft)


def file_names(draft: JsonObject) -> tuple[str, ...]:
    """Return the names of the files of all items of a draft, each once."""
    found = values_at(draft, "/payload/manifest/*/file_name")
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str)))


def sheet_of(form: Fields) -> Sheet:
    """Return what a posted form holds.

    Raises:
        UsageError: It is not one of ours.
        NotFoundError: There is no such type of message.
        TooLargeError: It is over a limit.
    """
    whole = form.text(DOCUMENT)
    if whole:
        draft = _document(whole)
        declared = declared_type(str(draft.get("msg_type", "")))
    else:
        declared = declared_type(form.text("msg_type"))
        draft = draft_from(_pairs(form), author_block(declared)) | _hidden(form)
    return Sheet(
        declared=declared,
        to=_short(form, TO),
        key=_short(form, KEY),
        draft=draft,
        attached=tuple(_attached(form.all(UPLOAD))),
        reason=form.text(REASON)[:MAX_REASON_CHARS],
        is_whole=ALL in form,
        source=_short(form, SOURCE),
        measures=form.all(MEASURE)[:_MOST_MEASURES],
    )


def hidden_fields(draft: JsonObject) -> tuple[tuple[str, str], ...]:
    """Return the fields of a draft that the page carries unseen."""
    return tuple(
        (name, value)
        for name in HIDDEN
        if isinstance(value := draft.get(name), str) and value
    )


def _document(text: str) -> JsonObject:
    try:
        # A draft may be a little larger than what it comes to.
        return canonical.parse_object(text.encode(), max_bytes=2 * MAX_FORM_BYTES)
    except MalformedError as error:
        raise UsageError(f"form: {error}") from error


def _pairs(form: Fields) -> Iterator[tuple[str, str]]:
    for name, values in form.values.items():
        if name not in HIDDEN:
            for value in values:
                yield name, value


def _hidden(form: Fields) -> JsonObject:
    """Return what the page carried unseen; of a type that may open one, a case too."""
    return {name: text for name in HIDDEN if (text := _short(form, name))}


def _short(form: Fields, name: str) -> str:
    text = form.text(name)
    if len(text) > _MAX_TEXT_CHARS:
        raise UsageError("form: not one of this page")
    return text


def _attached(texts: Sequence[str]) -> Iterator[Attached]:
    if len(texts) > MAX_ATTACHMENTS:
        raise UsageError(f"form: more than {MAX_ATTACHMENTS} files")
    for text in texts:
        upload_id, _, name = text.partition("|")
        yield Attached(id=upload_id, name=name)
