"""Whether an item that goes out is one that came in, and whether it may go on.

Content is sealed at rest; of each received item a keyed tag of its digest is kept, so
that a file is recognised under any name, in any case, without being readable.
"""

from typing import Final

from gateway.core.canonical import JsonObject
from gateway.flows.admission import Outgoing, docket_with
from gateway.flows.exchange import Exchange
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    select,
    text_at,
    values_at,
)
from gateway.mla.purposes import CaseMessage, consents
from gateway.ports.guarding import ItemOrigin, ItemTag
from gateway.ports.messages import Box
from gateway.ports.subjects import SubjectTagger

_MANIFEST: Final = "/payload/manifest/*"
_ITEM_KIND: Final = 200
"""Kind of tag, apart from all kinds of `SubjectKind`."""
_ORIGINS_LOOKED_AT: Final = 50
_SHA256: Final = "SHA-256"


class ItemOrigins:
    """Tags items, and checks what goes out."""

    def __init__(self, exchange: Exchange, tagger: SubjectTagger) -> None:
        self._exchange = exchange
        self._tagger = tagger

    def tags_of(self, document: JsonObject) -> tuple[ItemTag, ...]:
        """Return by what the items of a received message are recognised."""
        found = []
        for item in values_at(document, _MANIFEST):
            item_id = text_at(item, "item_id") or ""
            found += [
                ItemTag(item_id, self._tagger.tag(_ITEM_KIND, digest))
                for digest in _digests(item)
            ]
        return tuple(found)

    async def check(self, message: Outgoing) -> list[Problem]:
        """Refuse what was received from one peer and goes to another without consent.

        Raises:
            StoreError: The database failed.
        """
        problems: list[Problem] = []
        for pointer, item in select(message.document, _MANIFEST):
            for origin in await self._origins(item):
                if origin.peer == message.peer.authority:
                    continue  # back to where it came from
                if not await self._is_agreed(origin, message):
                    problems.append(_refused(pointer))
                    break
        return problems

    async def _origins(self, item: object) -> list[ItemOrigin]:
        if not isinstance(item, dict):
            return []
        tags = [self._tagger.tag(_ITEM_KIND, digest) for digest in _digests(item)]
        redacted_from = text_at(item, "redaction_ref/source_sha256")
        if redacted_from:
            tags.append(self._tagger.tag(_ITEM_KIND, redacted_from.lower()))
        named = ("item_id", "parent_item", "translation_of")
        ids = [one for name in named if (one := text_at(item, name))]
        store = self._exchange.store
        return list(await store.origins(tags, ids, _ORIGINS_LOOKED_AT))

    async def _is_agreed(self, origin: ItemOrigin, message: Outgoing) -> bool:
        """Tell whether who gave an item agreed to its going to this peer's country."""
        rows = await docket_with(self._exchange.store, origin.case_id, origin.peer)
        case = [
            CaseMessage(id=row.id, is_ours=row.box is Box.OUT, entry=row.entry)
            for row in rows
        ]
        country = message.peer.card.country
        purpose = text_at(message.document, "/purpose") or ""
        return any(
            consent.country == country
            and consent.purpose == purpose
            and consent.covers(frozenset({origin.item_id}))
            for consent in consents(case)
        )


def _digests(item: object) -> list[str]:
    """Return the SHA-256 digests of an item."""
    if not isinstance(item, dict):
        return []
    return [
        value.lower()
        for digest in values_at(item, "digests/*")
        if text_at(digest, "alg") == _SHA256
        and (value := text_at(digest, "value")) is not None
    ]


def _refused(pointer: str) -> Problem:
    return Problem(
        pointer,
        ProblemCode.PURPOSE,
        "manifest: an item that another authority gave us, expected its consent to "
        "this recipient: a USE_REQ that names the country and was granted",
        article="LED 35(1)(e), UNTOC 18(19)",
    )
