"""How deliveries are cut, and failures waited out."""

from dataclasses import dataclass, field

from gateway.core.delivery import BackOff


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How batches are cut and failures waited out.

    Attributes:
        lease_ms: How long a claimed message stays claimed; above any call's time-out.
        item_retry_ms: Wait before an item is offered again that the peer put off
            without saying for how long.
        incomplete_retry_ms: The same for an item whose evidence the peer waits for.
        longest_wait_ms: A peer that asks for more patience is offered it again all
            the same.
    """

    max_items: int = 256
    max_bytes: int = 12 * 1024 * 1024
    lease_ms: int = 120_000
    item_retry_ms: int = 30_000
    incomplete_retry_ms: int = 900_000
    longest_wait_ms: int = 3_600_000
    back_off: BackOff = field(default_factory=BackOff)
