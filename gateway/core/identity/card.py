"""The card: what an authority shows its peers, and how it is spelled.

One canonical line, then the proof that this line stands in the authority's own audit
log. Nothing in here has been believed yet (specification, section 6).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.identity.fingerprint import RootKeys, root_keys_of
from gateway.core.identity.profile import ProfileRecord
from gateway.core.keys import KemKeyRecord
from gateway.core.limits import (
    MAX_CARD_BYTES,
    MAX_NATIONAL_DECLARATIONS,
    MAX_PROFILE_BYTES,
    MAX_RECIPIENT_KEYS,
)
from gateway.core.translog.note import parse_vkey
from gateway.core.translog.proof import LogProof, parse_log_proof
from gateway.core.values import (
    Country,
    DisplayName,
    HexDigest,
    Language,
    Stage,
    parse_authority_id,
    parse_node_url,
    parse_time,
)

_Number = Annotated[int, Meta(ge=1)]
_Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
_ONE_VERSION = "[0-9A-Za-z][0-9A-Za-z.-]{0,31}"
# A text and not a list: so the card of a node that knew one version reads as ever.
_Versions = Annotated[str, Meta(pattern=rf"^{_ONE_VERSION}( {_ONE_VERSION}){{0,15}}\Z")]


class CardRoot(Wire, frozen=True, kw_only=True):
    """The root keys, and the root's proof of the newest statement."""

    proof: str
    vkeys: Annotated[list[str], Meta(max_length=2)]


_DeclarationName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}\Z")]


class CardVersions(Wire, frozen=True, kw_only=True):
    """Which versions a node speaks.

    Attributes:
        code_lists: Versions of the code lists, with one space between them.
        messages: Versions of messages, the same way.
        protocol: Versions of the peer protocol.
        national: Digest of each national declaration it has, by name; left out if none.
    """

    code_lists: _Versions
    messages: _Versions
    protocol: Annotated[list[_Number], Meta(min_length=1, max_length=16)]
    national: (
        Annotated[
            dict[_DeclarationName, _Digest],
            Meta(min_length=1, max_length=MAX_NATIONAL_DECLARATIONS),
        ]
        | UnsetType
    ) = UNSET

    @property
    def of_messages(self) -> tuple[str, ...]:
        """Versions of messages, in the card's order."""
        return tuple(self.messages.split(" "))

    @property
    def of_code_lists(self) -> tuple[str, ...]:
        """Versions of the code lists, in the card's order."""
        return tuple(self.code_lists.split(" "))

    @property
    def declarations(self) -> Mapping[str, str]:
        """Digest of each national declaration, by name."""
        return {} if self.national is UNSET else self.national


class Card(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a card line; without a service profile there is no such field."""

    authority: str
    country: Country
    issued: str
    keys: Annotated[
        list[KemKeyRecord],
        Meta(min_length=1, max_length=MAX_RECIPIENT_KEYS),
    ]
    names: Annotated[
        dict[Language, DisplayName],
        Meta(min_length=1, max_length=32),
    ]
    number: _Number
    profile: ProfileRecord | None = None
    root: CardRoot
    stage: Stage
    urls: Annotated[list[str], Meta(min_length=1, max_length=8)]
    versions: CardVersions


@dataclass(frozen=True, slots=True)
class UnprovenCard:
    """A card that is well formed; nothing in it is shown to be true.

    Attributes:
        card: What the line says.
        line: Its exact bytes, without the line feed.
        root: The root keys it claims.
        proof: Of the card's own entry in the audit log, not checked.
        raw: The whole file.
    """

    card: Card
    line: bytes
    root: RootKeys
    proof: LogProof
    raw: bytes


def check_profile(profile: ProfileRecord | None) -> None:
    """Refuse a service profile that takes too much of a card.

    Raises:
        TooLargeError: Over the limit of profiles.
    """
    size = len(canonical.encode(profile)) if profile is not None else 0
    if size > MAX_PROFILE_BYTES:
        raise TooLargeError(f"profile: {size} bytes, at most {MAX_PROFILE_BYTES}")


def encode_card_line(card: Card) -> bytes:
    """Return the canonical line of a card, without its line feed."""
    return canonical.encode(card)


def card_digest(line: bytes) -> HexDigest:
    """Return what the `key.card` entry of a card line holds as `dig`."""
    return HexDigest(hashlib.sha256(line).hexdigest())


def assemble_card(line: bytes, proof: bytes) -> bytes:
    """Return the card file of a line and the proof file of its log entry."""
    return b"%b\n%b" % (line, proof)


def parse_card(raw: bytes) -> UnprovenCard:
    """Return the card in a file.

    Raises:
        TooLargeError: Over the limit of cards; checked first.
        MalformedError: Not in the format.
    """
    if len(raw) > MAX_CARD_BYTES:
        raise TooLargeError(f"card: {len(raw)} bytes, at most {MAX_CARD_BYTES}")
    line, _, proof = raw.partition(b"\n")
    card = canonical.decode_as(line, Card, max_bytes=MAX_CARD_BYTES, line_feeds=True)
    authority = parse_authority_id(card.authority)
    parse_time(card.issued)
    check_profile(card.profile)
    for url in card.urls:
        parse_node_url(url)
    if len({record.kid for record in card.keys}) != len(card.keys):
        raise MalformedError("card: a key stands there twice")
    root = root_keys_of(authority, [parse_vkey(text) for text in card.root.vkeys])
    return UnprovenCard(card, line, root, parse_log_proof(proof), raw)
