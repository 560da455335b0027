"""Our own card: what our keys and settings make it say, and where it is kept.

Also what the first entry of our log states: its keys and its policy.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.settings import Settings
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import GatewayError, KeystoreError
from gateway.core.identity import (
    Card,
    CardRoot,
    CardVersions,
    ProfileRecord,
    VerifiedCard,
    verify_card,
)
from gateway.core.limits import MAX_CARD_BYTES
from gateway.core.translog.note import VerifierKey
from gateway.core.values import Stage, UnixMs, format_time
from gateway.keystore.files import read_private, replace_private
from gateway.keystore.keyring import Keyring

_MAX_POLICY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class CardDetails:
    """What a card says beside keys.

    Attributes:
        country: ISO 3166-1 alpha-2.
        names: What the authority is called, by language.
        stage: What the node is for.
        urls: Where it is reached.
        versions: Which versions it speaks.
    """

    country: str
    names: Mapping[str, str]
    stage: Stage
    urls: tuple[str, ...]
    versions: CardVersions

    @classmethod
    def of(cls, settings: Settings, versions: CardVersions) -> "CardDetails":
        """Return what the settings say."""
        return cls(
            country=settings.authority.country,
            names=settings.authority.names,
            stage=settings.authority.stage,
            urls=(settings.peer.url,),
            versions=versions,
        )


def compose_card(
    keyring: Keyring,
    details: CardDetails,
    *,
    number: int,
    now: UnixMs,
    profile: ProfileRecord | None = None,
) -> Card:
    """Return the card that our keys, settings and service profile ask for now."""
    return Card(
        authority=keyring.authority,
        country=details.country,
        issued=format_time(now),
        keys=list(keyring.opening.card_records()),
        names=dict(details.names),
        number=number,
        profile=profile,
        root=CardRoot(
            proof=keyring.statement_proof.decode(),
            vkeys=[key.to_text() for key in keyring.root.keys],
        ),
        stage=details.stage,
        urls=list(details.urls),
        versions=details.versions,
    )


def log_init_draft(keyring: Keyring, now: UnixMs) -> EntryDraft:
    """Return the first entry of our log: its keys, and the policy it starts under.

    Raises:
        KeystoreError: The policy is missing.
    """
    policy = read_private(keyring.layout.log_policy, max_bytes=_MAX_POLICY_BYTES)
    return EntryDraft(
        "log.init",
        now,
        {
            "vkeys": [key.to_text() for key in keyring.log.vkeys],
            "pol": hashlib.sha256(policy).hexdigest(),
        },
    )


def first_policy(log_keys: tuple[VerifierKey, ...]) -> str:
    """Return the policy a log starts under: its own keys, and no witness yet.

    In the C2SP policy format; specification, section 8.6.
    """
    lines = [f"log {key.to_text()}" for key in log_keys]
    return "\n".join((*lines, "quorum none")) + "\n"


def store_card(keyring: Keyring, raw: bytes, *, stage: Stage) -> VerifiedCard:
    """Keep our new card, after checking it as a peer would, and return it.

    Raises:
        KeystoreError: It does not verify, or can't be written.
    """
    card = _verify(keyring, raw, stage)
    replace_private(keyring.layout.card, raw)
    return card


def load_card(keyring: Keyring, *, stage: Stage) -> VerifiedCard | None:
    """Return our current card, or None before the first.

    Raises:
        KeystoreError: It does not verify, or others can read the file.
    """
    if not keyring.layout.card.exists():
        return None
    raw = read_private(keyring.layout.card, max_bytes=MAX_CARD_BYTES)
    return _verify(keyring, raw, stage)


def _verify(keyring: Keyring, raw: bytes, stage: Stage) -> VerifiedCard:
    try:
        return verify_card(raw, stage=stage, fingerprint=keyring.fingerprint)
    except GatewayError as error:
        raise KeystoreError(f"{keyring.layout.card}: {error}") from error
