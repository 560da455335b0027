"""Whether a message can go now, and under which keys (specification, section 11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.envelope import latest_expiry
from gateway.core.keys import KemKeyRecord, is_sealable
from gateway.core.limits import MAX_MESSAGE_LIFETIME_MS
from gateway.core.values import UnixMs


class HoldReason(StrEnum):
    """Why a message is not sealed and queued yet."""

    NO_KEY = "no-key"  # no key of the addressee's card is sealable
    PEER_PAUSED = "peer-paused"  # the operator stopped this direction
    KEY_RETIRED = "key-retired"  # it was sealed to a key that no longer opens
    APPROVAL = "approval"  # a second person has not decided yet


@dataclass(frozen=True, slots=True)
class Route:
    """The keys to seal to, and the last moment the addressee may accept."""

    keys: tuple[KemKeyRecord, ...]
    expires_at: UnixMs


def choose_route(
    keys: Sequence[KemKeyRecord],
    *,
    is_paused: bool,
    created_at: UnixMs,
    now: UnixMs,
    lifetime_ms: int,
) -> Route | HoldReason:
    """Decide how a message for an addressee with these keys travels.

    Args:
        keys: Keys of the addressee's card, in its order.
        is_paused: Whether the operator stopped sending there.
        created_at: When the message was submitted; its lifetime starts here.
        now: The moment of sealing.
        lifetime_ms: How long the message may wait, at most 90 days.
    """
    if is_paused:
        return HoldReason.PEER_PAUSED
    usable = tuple(key for key in keys if is_sealable(key, now))
    if not usable:
        return HoldReason.NO_KEY
    wanted = UnixMs(created_at + min(lifetime_ms, MAX_MESSAGE_LIFETIME_MS))
    return Route(usable, min(latest_expiry(created_at, usable), wanted))
