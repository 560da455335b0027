"""Entries of `[log] witnesses`: who is asked to cosign our log."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.core.errors import MalformedError
from gateway.core.translog.note import KeyType, VerifierKey, parse_vkey
from gateway.core.values import AuthorityId, parse_authority_id

ALL_PEERS = "peers"
"""Stands for every enrolled peer."""

_MAX_WITNESSES = 32
_WITNESS_KEYS = frozenset({KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class OutsideWitness:
    """A witness that is no peer.

    Attributes:
        url: Before `/add-checkpoint`.
        keys: One or more under one name.
    """

    url: str
    keys: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class ChosenWitnesses:
    """What the entries say.

    Attributes:
        all_peers: Every enrolled peer is asked.
        peers: Peers that are asked.
        outside: Witnesses that are no peers.
    """

    all_peers: bool
    peers: tuple[AuthorityId, ...]
    outside: tuple[OutsideWitness, ...]


def parse_witnesses(entries: Sequence[str]) -> ChosenWitnesses:
    """Return whom entries name: `peers`, an authority id, or `URL VKEY [VKEY]`.

    Raises:
        MalformedError: An entry is none of these, or a witness stands there twice.
    """
    if len(entries) > _MAX_WITNESSES:
        raise MalformedError(f"{len(entries)} witnesses, at most {_MAX_WITNESSES}")
    if len(set(entries)) < len(entries):
        raise MalformedError("a witness stands there twice")
    peers, outside = [], []
    for entry in entries:
        if "://" in entry:
            outside.append(_parse_outside(entry))
        elif entry != ALL_PEERS:
            peers.append(parse_authority_id(entry))
    names = [witness.keys[0].name for witness in outside]
    if len(set(names)) < len(names):
        raise MalformedError("two witnesses have the same key name")
    return ChosenWitnesses(ALL_PEERS in entries, tuple(peers), tuple(outside))


def _parse_outside(entry: str) -> OutsideWitness:
    url, *vkeys = entry.split()
    _check_url(url)
    keys = tuple(map(parse_vkey, vkeys))
    if not keys:
        raise MalformedError(f"{url}: give its vkey after the address")
    if len({key.name for key in keys}) > 1:
        raise MalformedError(f"{url}: its keys are under different names")
    for key in keys:
        if key.key_type not in _WITNESS_KEYS:
            raise MalformedError(f"{key.name}: not the key of a witness")
    return OutsideWitness(url, keys)


def _check_url(url: str) -> None:
    """Refuse what is no address; plain HTTP stays on this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MalformedError(f"{url[:80]!r}: not an address") from error
    is_plain = parts.scheme == "https" or (
        parts.scheme == "http" and _is_loopback(parts.hostname or "")
    )
    has_more = parts.username or parts.query or parts.fragment or port == 0
    if not is_plain or not parts.hostname or has_more:
        raise MalformedError(
            f"{url[:80]!r}, expected https://host[:port][/path]",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
