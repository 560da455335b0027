"""The files of a peer: its card, and what two people and we agreed about it.

And, once its root has made another statement, those that were believed before.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.errors import ConfigError, GatewayError, MalformedError
from gateway.core.hours import HOURS_PATTERN
from gateway.core.identity import (
    VerifiedCard,
    card_digest,
    key_history,
    verify_card,
)
from gateway.core.limits import MAX_EVIDENCE_GIB, MAX_HISTORY_BYTES, MAX_UPLOAD_KIB_S
from gateway.core.values import (
    AuthorityId,
    Stage,
    format_time,
    parse_authority_id,
    parse_digest,
    parse_time,
)
from gateway.ports.peers import Peer, PeerPolicy
from gateway.ports.trust import EnrolledPeer, Enrolment
from gateway.trust import toml

_PREFIX = "peers/"
_CARD = ".card"
_POLICY = ".toml"
_HISTORY = ".history"
_HEAD = (
    "# Enrolment and policy of a peer. Not to be edited: the log vouches for it.",
    "# Change it with: mla-gateway peer add|update|pause|resume|remove",
)


_PROXY_PATTERN = r"^(direct|http://[a-z0-9\[\]:.-]{1,300})?\Z"
_Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,500}\Z")]


class _EnrolmentTable(Wire, frozen=True, kw_only=True):
    fingerprint: str
    compared_by: str
    compared_how: _Text
    compared_at: str


class _PolicyTable(Wire, frozen=True, kw_only=True):
    is_paused: bool
    may_monitor: bool
    max_unopened: Annotated[int, Meta(ge=0)]
    crl_file: Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z")]
    # Absent in files that an older version wrote.
    upload_kib_s: Annotated[int, Meta(ge=0, le=MAX_UPLOAD_KIB_S)] = 0
    upload_hours: Annotated[str, Meta(pattern=HOURS_PATTERN)] = ""
    max_evidence_gib: Annotated[int, Meta(ge=0, le=MAX_EVIDENCE_GIB)] = 100
    may_gossip: bool = False
    exchanges_despite_conflict: bool = False
    proxy: Annotated[str, Meta(pattern=_PROXY_PATTERN)] = ""


class _PeerFile(Wire, frozen=True, kw_only=True):
    enrolment: _EnrolmentTable
    policy: _PolicyTable


def card_path(authority: AuthorityId) -> str:
    """Return where in the home folder a peer's card lies."""
    return f"{_PREFIX}{authority}{_CARD}"


def policy_path(authority: AuthorityId) -> str:
    """Return where in the home folder a peer's enrolment and policy lie."""
    return f"{_PREFIX}{authority}{_POLICY}"


def history_path(authority: AuthorityId) -> str:
    """Return where in the home folder a peer's earlier statements lie."""
    return f"{_PREFIX}{authority}{_HISTORY}"


def authority_of(path: str) -> AuthorityId:
    """Return whose a peer's file is.

    Raises:
        ConfigError: The name is not an authority id.
    """
    name = path.removeprefix(_PREFIX)
    for ending in (_CARD, _POLICY, _HISTORY):
        if name.endswith(ending):
            name = name.removesuffix(ending)
            break
    try:
        return parse_authority_id(name)
    except MalformedError as error:
        raise ConfigError(f"{path}: {error}") from error


def encode_policy(enrolled: EnrolledPeer) -> bytes:
    """Return the content of the file beside a peer's card."""
    enrolment, policy = enrolled.enrolment, enrolled.peer.policy
    lines = [
        *_HEAD,
        "",
        "[enrolment]",
        *toml.spell(
            {
                "fingerprint": enrolment.fingerprint,
                "compared_by": enrolment.compared_by,
                "compared_how": enrolment.compared_how,
                "compared_at": format_time(enrolment.compared_at),
            },
        ),
        "",
        "[policy]",
        *toml.spell(
            {
                "is_paused": policy.is_paused,
                "may_monitor": policy.may_monitor,
                "max_unopened": policy.max_unopened,
                "crl_file": policy.crl_file,
                "upload_kib_s": policy.upload_kib_s,
                "upload_hours": policy.upload_hours,
                "max_evidence_gib": policy.max_evidence_gib,
                "may_gossip": policy.may_gossip,
                "exchanges_despite_conflict": policy.exchanges_despite_conflict,
                "proxy": policy.proxy,
            },
        ),
        "",
    ]
    return "\n".join(lines).encode()


def encode_history(earlier: Iterable[bytes]) -> bytes:
    """Return the content of the file of a peer's earlier statements."""
    return canonical.encode([proof.decode() for proof in earlier]) + b"\n"


def parse_peer(
    authority: AuthorityId,
    *,
    card: bytes,
    policy: bytes,
    stage: Stage,
    history: bytes | None = None,
) -> EnrolledPeer:
    """Return the peer in its files, its card verified against the enrolment.

    Raises:
        ConfigError: The files are not those of this peer, or the card is not proven
            by the root whose fingerprint was compared.
    """
    content = toml.read(policy, _PeerFile, policy_path(authority))
    enrolment = _enrolment(content.enrolment, policy_path(authority))
    verified = _verified(authority, card, enrolment, stage)
    peer = Peer(
        authority=authority,
        card=verified,
        policy=PeerPolicy(
            is_paused=content.policy.is_paused,
            may_monitor=content.policy.may_monitor,
            max_unopened=content.policy.max_unopened,
            crl_file=content.policy.crl_file,
            upload_kib_s=content.policy.upload_kib_s,
            upload_hours=content.policy.upload_hours,
            max_evidence_gib=content.policy.max_evidence_gib,
            may_gossip=content.policy.may_gossip,
            exchanges_despite_conflict=content.policy.exchanges_despite_conflict,
            proxy=content.policy.proxy,
        ),
        card_digest=card_digest(verified.line),
    )
    return EnrolledPeer(peer, enrolment, _earlier(verified, history))


def _earlier(card: VerifiedCard, history: bytes | None) -> tuple[bytes, ...]:
    """Return the earlier statements of a peer, each proven by its root."""
    if history is None:
        return ()
    try:
        texts = canonical.decode_as(
            history.removesuffix(b"\n"),
            list[str],
            max_bytes=MAX_HISTORY_BYTES,
            line_feeds=True,
        )
        earlier = tuple(text.encode() for text in texts)
        key_history(card.root, (*earlier, card.card.root.proof.encode()))
    except GatewayError as error:
        raise ConfigError(f"{history_path(card.authority)}: {error}") from error
    return earlier


def _enrolment(table: _EnrolmentTable, path: str) -> Enrolment:
    try:
        return Enrolment(
            fingerprint=parse_digest(table.fingerprint),
            compared_by=table.compared_by,
            compared_how=table.compared_how,
            compared_at=parse_time(table.compared_at),
        )
    except MalformedError as error:
        raise ConfigError(f"{path}: {error}") from error


def _verified(
    authority: AuthorityId,
    card: bytes,
    enrolment: Enrolment,
    stage: Stage,
) -> VerifiedCard:
    path = card_path(authority)
    try:
        verified = verify_card(card, stage=stage, fingerprint=enrolment.fingerprint)
    except GatewayError as error:
        raise ConfigError(f"{path}: {error}") from error
    if verified.authority != authority:
        raise ConfigError(f"{path}: card of {verified.authority}, expected {authority}")
    return verified
