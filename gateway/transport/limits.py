"""What connections may cost; start values of the specification, section 9.

Tests hand in shorter times; operators do not see these.
"""

from dataclasses import dataclass

from gateway.core.limits import KIB, MAX_DELIVERY_BYTES, MIB

HEADER_COUNT = 64
HEADER_LINE_BYTES = 8 * KIB
HEADER_BLOCK_BYTES = 16 * KIB

# A peer that asks for more patience than this is asked again all the same.
MAX_RETRY_AFTER_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerLimits:
    """Limits of the peer listener.

    Attributes:
        handshake_timeout_s: From accepting a connection to a proven peer.
        shutdown_timeout_s: For the TLS farewell.
        header_timeout_s: From the first byte of a request to the end of its header;
            for the first request, from the handshake.
        idle_timeout_s: Between two requests, and between two reads of a body.
        body_timeout_s: For a whole body, however steadily it drips.
        write_timeout_s: For the peer to take an answer.
        rate_window_s: A body must bring `min_rate_bytes_s` over every such window.
        min_rate_bytes_s: Slowest body that is waited for.
        half_open: Connections in their handshake.
        half_open_per_source: The same from one IPv4 address or IPv6 /64 network.
        connections_per_peer: Live connections of one peer.
        buffered_bytes: Bodies in memory, of all peers together.
        buffered_bytes_per_peer: Bodies in memory of one peer: a batch and what is
            small beside it, so that no peer can use up what all share.
        reserved_descriptors: Kept free for the database and blobs.
        sweep_interval_s: How often live connections are judged again, for
            certificates and revocation lists that have run out meanwhile.
    """

    handshake_timeout_s: float = 10.0
    shutdown_timeout_s: float = 5.0
    header_timeout_s: float = 10.0
    idle_timeout_s: float = 30.0
    body_timeout_s: float = 600.0
    write_timeout_s: float = 120.0
    rate_window_s: float = 60.0
    min_rate_bytes_s: int = 1 * KIB
    half_open: int = 256
    half_open_per_source: int = 16
    connections_per_peer: int = 16
    buffered_bytes: int = 64 * MIB
    buffered_bytes_per_peer: int = MAX_DELIVERY_BYTES + 4 * MIB
    reserved_descriptors: int = 64
    sweep_interval_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """Limits of calls to a peer.

    Attributes:
        connect_timeout_s: For name, route and handshake of one address.
        total_timeout_s: For a whole call, over all addresses.
        part_timeout_s: The same for a part of an evidence file, also on a slow line.
        keepalive_timeout_s: How long an idle connection is kept; below the idle
            time of a listener, so that it is not found closed when it is needed.
        line_age_s: After this a line to a peer is made anew, with today's
            certificates on both sides.
        connections: At once to one peer; a listener takes 16.
    """

    connect_timeout_s: float = 10.0
    total_timeout_s: float = 300.0
    part_timeout_s: float = 660.0
    keepalive_timeout_s: float = 20.0
    line_age_s: float = 3_600.0
    connections: int = 12
