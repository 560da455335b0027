"""Turning an accepted document into a sealed envelope, or into a draft of our own.

A message that can't be sealed yet is kept sealed to this node's archive key: what is
stored is ciphertext from the first moment.
"""

import base64
from dataclasses import dataclass, field

from gateway.core import canonical
from gateway.core.canonical import JsonObject, Wire, parse_base64
from gateway.core.envelope import (
    AttachmentToSeal,
    ManifestAttachment,
    SealRequest,
    seal,
)
from gateway.core.errors import MalformedError
from gateway.core.keys import AttachmentKey
from gateway.core.limits import MAX_MANIFEST_BYTES
from gateway.core.routing import HoldReason, Route, choose_route
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    format_time,
    parse_time,
)
from gateway.ports.keys import ArchiveKeys
from gateway.ports.outbox import Sealing
from gateway.ports.peers import Peer


@dataclass(frozen=True, slots=True)
class Draft:
    """A complete message document, ready to be sealed, with its evidence files."""

    id: MessageId
    created_at: UnixMs
    priority: Priority
    message: JsonObject = field(repr=False)
    attachments: tuple[AttachmentToSeal, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the draft as it is sealed to ourselves."""
        return canonical.encode(
            {
                "attachments": [_spell_file(one) for one in self.attachments],
                "created": format_time(self.created_at),
                "message": self.message,
                "priority": self.priority,
            },
        )


class _SpelledFile(Wire, frozen=True, kw_only=True):
    """An evidence file in a draft."""

    aid: str
    item_id: str
    key: str
    length: int
    media_type: str
    name: str
    root: str
    sha256: str
    size: int


def _spell_file(file: AttachmentToSeal) -> JsonObject:
    described = file.described
    return {
        "aid": described.aid,
        "item_id": str(described.extra.get("item_id", "")),
        "key": base64.b64encode(file.key.raw).decode(),
        "length": file.length,
        "media_type": described.media_type,
        "name": described.name,
        "root": file.root,
        "sha256": described.sha256,
        "size": described.size,
    }


def _read_file(value: object) -> AttachmentToSeal:
    spelled = canonical.convert(value, _SpelledFile)
    return AttachmentToSeal(
        length=spelled.length,
        root=HexDigest(spelled.root),
        key=AttachmentKey(parse_base64(spelled.key)),
        described=ManifestAttachment(
            aid=spelled.aid,
            media_type=spelled.media_type,
            name=spelled.name,
            sha256=HexDigest(spelled.sha256),
            size=spelled.size,
            extra={"item_id": spelled.item_id} if spelled.item_id else {},
        ),
    )


def read_draft(message_id: MessageId, raw: bytes) -> Draft:
    """Return the draft that `to_bytes` wrote.

    Raises:
        MalformedError: Not one.
    """
    value = canonical.decode(raw, max_bytes=MAX_MANIFEST_BYTES, line_feeds=True)
    if not isinstance(value, dict) or not isinstance(value.get("message"), dict):
        raise MalformedError("draft: expected an object with a message")
    return Draft(
        id=message_id,
        created_at=parse_time(str(value.get("created"))),
        priority=Priority(str(value.get("priority"))),
        message=canonical.convert(value["message"], dict),
        # A draft that an older version kept has none.
        attachments=tuple(
            map(_read_file, canonical.convert(value.get("attachments", []), list)),
        ),
    )


class Sealer:
    """Seals drafts of this authority."""

    def __init__(
        self,
        ourselves: AuthorityId,
        archive_keys: ArchiveKeys,
        *,
        lifetime_ms: int,
    ) -> None:
        self._ourselves = ourselves
        self._archive_keys = archive_keys
        self._lifetime_ms = lifetime_ms

    def route(
        self, peer: Peer, *, created_at: UnixMs, now: UnixMs
    ) -> Route | HoldReason:
        """Decide whether a message for a peer can be sealed now, and to which keys."""
        return choose_route(
            peer.card.keys,
            is_paused=peer.policy.is_paused,
            created_at=created_at,
            now=now,
            lifetime_ms=self._lifetime_ms,
        )

    def expiry_of_draft(self, created_at: UnixMs) -> UnixMs:
        """Return when a draft that never finds a key expires."""
        return UnixMs(created_at + self._lifetime_ms)

    def seal(self, draft: Draft, peer: Peer, route: Route) -> Sealing:
        """Return a draft sealed to its addressee, readable to us by the archive key.

        Raises:
            GatewayError: The message is too large, or a key of the card is unusable.
        """
        sealed = seal(
            SealRequest(
                id=draft.id,
                sender=self._ourselves,
                addressee=peer.authority,
                created=draft.created_at,
                expires=route.expires_at,
                priority=draft.priority,
                recipients=route.keys,
                message=draft.message,
                attachments=draft.attachments,
            ),
        )
        return Sealing(
            envelope=sealed.raw,
            digest=sealed.digest,
            content_digest=sealed.content_digest,
            archived_key=self._archive_keys.wrap(
                sealed.content_key,
                box="out",
                digest=sealed.digest,
            ),
            expires_at=route.expires_at,
        )

    def keep(self, draft: Draft) -> bytes:
        """Return a draft sealed to ourselves."""
        return self._archive_keys.seal_draft(draft.to_bytes(), message_id=draft.id)

    def keep_beside(self, raw: bytes, aid: str) -> bytes:
        """Return what is known of a file that never leaves, sealed to ourselves."""
        return self._archive_keys.seal_draft(raw, message_id=aid)

    def recall(self, message_id: MessageId, kept: bytes) -> Draft:
        """Return a kept draft.

        Raises:
            CannotOpenError: Not kept by this node for that message.
        """
        raw = self._archive_keys.open_draft(kept, message_id=message_id)
        return read_draft(message_id, raw)
