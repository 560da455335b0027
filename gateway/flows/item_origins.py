"""Whether an item that goes out is one that came in, and whether it may go on.

Content is sealed at rest; of each received item a keyed tag of its digest is kept, so
that a file is recognised under any name, in any case, without being readable.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.core.values import AuthorityId
from gateway.flows.admission import Outgoing, docket_with
from gateway.flows.exchange import Exchange
from gateway.mla.onward import (
    KEPT_CONDITIONS,
    Given,
    carried_by,
    given_with,
    lost,
)
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    select,
    text_at,
    values_at,
)
from gateway.mla.purposes import CaseMessage, Consent, consents
from gateway.ports.guarding import ItemOrigin, ItemTag
from gateway.ports.messages import Box
from gateway.ports.subjects import SubjectTagger

_MANIFEST: Final = "/payload/manifest/*"
_RELATED: Final = "/payload/related/*/case_id"
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
        """Judge what was received from one peer and goes to another.

        Without the consent of who gave an item it is refused. With it the item keeps
        their conditions and markings. A case that is named to a third authority keeps
        the markings of what came in it.

        Raises:
            StoreError: The database failed.
        """
        problems: list[Problem] = []
        for pointer, item in select(message.document, _MANIFEST):
            if isinstance(item, dict):
                problems += await self._check_item(pointer, item, message)
        for pointer, case_id in select(message.document, _RELATED):
            problems += await self._check_named(pointer, str(case_id), message)
        return problems

    async def _check_item(
        self, pointer: str, item: JsonObject, message: Outgoing
    ) -> list[Problem]:
        """Return the first thing that keeps an item from going on."""
        carried = carried_by(message.document, item)
        for origin in await self._origins(item):
            if origin.peer == message.peer.authority:
                continue  # back to where it came from
            case = await self._case(origin.case_id, origin.peer)
            given = _given_with(origin, case)
            consent = _consent_to(message, case, frozenset({origin.item_id}))
            if consent is None:
                return [_refused(pointer, given)]
            if consent.conditions:
                kept = given.conditions | consent.conditions & KEPT_CONDITIONS
                given = replace(given, conditions=kept)
            if problems := _losses(pointer, lost(given, carried)):
                return problems
        return []

    async def _check_named(
        self, pointer: str, case_id: str, message: Outgoing
    ) -> list[Problem]:
        """Return what keeps a case from being named to a third authority."""
        carried = carried_by(message.document, {})
        rows = await self._exchange.store.cases_of(case_id)
        for peer in [row.peer for row in rows if row.peer != message.peer.authority]:
            case = await self._case(case_id, peer)
            markings = frozenset[str]()
            for one in case:
                if not one.is_ours:
                    markings |= given_with(one, case).markings
            given = Given(markings, frozenset())
            consent = _consent_to(message, case, frozenset())
            if given.needing_consent and consent is None:
                return [_not_to_be_named(pointer, given)]
            if problems := _losses(pointer, lost(given, carried)):
                return problems
        return []

    async def _origins(self, item: JsonObject) -> list[ItemOrigin]:
        tags = [self._tagger.tag(_ITEM_KIND, digest) for digest in _digests(item)]
        redacted_from = text_at(item, "redaction_ref/source_sha256")
        if redacted_from:
            tags.append(self._tagger.tag(_ITEM_KIND, redacted_from.lower()))
        named = ("item_id", "parent_item", "translation_of")
        ids = [one for name in named if (one := text_at(item, name))]
        store = self._exchange.store
        return list(await store.origins(tags, ids, _ORIGINS_LOOKED_AT))

    async def _case(self, case_id: str, peer: AuthorityId) -> list[CaseMessage]:
        rows = await docket_with(self._exchange.store, case_id, peer)
        return [
            CaseMessage(id=row.id, is_ours=row.box is Box.OUT, entry=row.entry)
            for row in rows
        ]


def _given_with(origin: ItemOrigin, case: Sequence[CaseMessage]) -> Given:
    for one in case:
        if one.id == origin.message_id:
            return given_with(one, case, origin.item_id)
    return Given(frozenset(), frozenset())


def _consent_to(
    message: Outgoing, case: Sequence[CaseMessage], items: frozenset[str]
) -> Consent | None:
    """Return by what who gave data agreed to their going to this peer's country."""
    country = message.peer.card.country
    purpose = text_at(message.document, "/purpose") or ""
    for consent in consents(case):
        is_for_this = (consent.country, consent.purpose) == (country, purpose)
        if is_for_this and consent.covers(items):
            return consent
    return None


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


def _refused(pointer: str, given: Given) -> Problem:
    marked = ", ".join(given.needing_consent)
    told = f", marked {marked}," if marked else ""
    return Problem(
        pointer,
        ProblemCode.PURPOSE,
        f"manifest: an item that another authority gave us{told} expected its consent "
        "to this recipient: a USE_REQ that names the country and was granted",
        article="LED 35(1)(e), UNTOC 18(19)",
    )


def _not_to_be_named(pointer: str, given: Given) -> Problem:
    marked = ", ".join(given.needing_consent)
    return Problem(
        pointer,
        ProblemCode.PURPOSE,
        f"related: what another authority gave us in this case is marked {marked}; "
        "expected its consent, or no mention of the case",
        article="list HANDLING, UNTOC 18(20)",
        is_overridable=True,
    )


def _losses(pointer: str, missing: Given) -> list[Problem]:
    """Return what data would go on without, though they were given with it."""
    problems = []
    if missing.conditions:
        codes = ", ".join(sorted(missing.conditions))
        sentence = f"conditions: expected {codes}, under which it was given to us"
        problems.append(
            Problem(pointer, ProblemCode.PURPOSE, sentence, article="UNTOC 18(26)")
        )
    if missing.markings:
        codes = ", ".join(sorted(missing.markings))
        sentence = f"handling: expected {codes}, as it was given to us, or stricter"
        problems.append(
            Problem(
                pointer,
                ProblemCode.PURPOSE,
                sentence,
                article="list HANDLING",
                is_overridable=True,
            )
        )
    return problems
