"""What the admin API takes about the way to a peer, and about its end."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import Request


class PeerProxy(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The way to a peer.

    Attributes:
        proxy: `http://host:port`, `direct` for no proxy, or empty for what the settings
            say of all peers.
    """

    proxy: Annotated[str, Meta(max_length=300)]


class RemovePeerQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether to remove a peer although messages wait for it; they will expire."""

    force: bool = False
