"""Statements: which keys and TLS authorities the root of an authority vouches for.

A statement is an entry of the root log, and its signature is that log's checkpoint.
New keys for log, witness or TLS are believed only from a statement with a higher
number under the same root (specification, section 6).
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.x509 import BasicConstraints, load_der_x509_certificate

from gateway.core import canonical
from gateway.core.canonical import JsonValue, Wire, parse_base64
from gateway.core.entries.leaf import (
    FIRST_PREV,
    EntryDraft,
    Leaf,
    build_leaf,
    chain_hash,
    parse_leaf,
)
from gateway.core.errors import LogProofError, MalformedError, UntrustedCardError
from gateway.core.identity.fingerprint import RootKeys
from gateway.core.identity.names import is_audit_origin, root_origin, witness_name
from gateway.core.limits import MAX_STATEMENT_BYTES
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import inclusion_path, leaf_hash, root_of
from gateway.core.translog.note import KeyType, VerifierKey, parse_vkey
from gateway.core.translog.proof import (
    LogProof,
    encode_log_proof,
    parse_log_proof,
    verify_log_proof,
)
from gateway.core.translog.readers import MemoryTree
from gateway.core.values import NEVER, AuthorityId, UnixMs, parse_authority_id

STATEMENT_KIND = "root.keys"

_LOG_TYPES = frozenset({KeyType.ED25519, KeyType.ML_DSA_44})
_WITNESS_TYPES = frozenset({KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44})

# Old and new keys of both types while one pair succeeds another.
_MAX_KEYS = 4
_MAX_TLS_CAS = 4


@dataclass(frozen=True, slots=True)
class Statement:
    """What the root vouches for.

    Attributes:
        authority: Whose root.
        number: Grows with every statement.
        log_origin: The audit log that is at work.
        log_keys: Its keys, one of each type at least.
        witness_name: The name under which the authority cosigns.
        witness_keys: The keys with which it does.
        tls_cas: Certificates, DER, of the CAs that may issue its TLS certificates.

    Raises:
        MalformedError: A name is not this authority's, a key is missing or serves
            twice, or a certificate is not one of a CA.
    """

    authority: AuthorityId
    number: int
    log_origin: str
    log_keys: tuple[VerifierKey, ...]
    witness_name: str
    witness_keys: tuple[VerifierKey, ...]
    tls_cas: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not is_audit_origin(self.log_origin, self.authority):
            raise MalformedError(f"statement: log {self.log_origin[:80]!r} is not its")
        if self.witness_name != witness_name(self.authority):
            raise MalformedError("statement: witness has another authority's name")
        _check_keys(self.log_keys, self.log_origin, _LOG_TYPES)
        _check_keys(self.witness_keys, self.witness_name, _WITNESS_TYPES)
        # A cosignature does not hold its signer's name: a key that served as log and
        # witness would sign for one what was meant for the other.
        publics = {key.public for key in (*self.log_keys, *self.witness_keys)}
        if len(publics) != len(self.log_keys) + len(self.witness_keys):
            raise MalformedError("statement: a key stands there twice")
        if not 1 <= len(self.tls_cas) <= _MAX_TLS_CAS:
            raise MalformedError(
                f"statement: {len(self.tls_cas)} TLS CAs, expected 1 to {_MAX_TLS_CAS}",
            )
        for der in self.tls_cas:
            _check_ca(der)


def _check_keys(
    keys: Sequence[VerifierKey],
    name: str,
    types: frozenset[KeyType],
) -> None:
    if {key.name for key in keys} - {name}:
        raise MalformedError(f"statement: a key is not named {name}")
    if {key.key_type for key in keys} != types or len(keys) > _MAX_KEYS:
        raise MalformedError(
            f"statement: keys of {name}, expected one or two of each algorithm",
        )


def _check_ca(der: bytes) -> None:
    """Refuse what can't be a trust anchor, before it can harm other peers' TLS."""
    try:
        certificate = load_der_x509_certificate(der)
        extension = certificate.extensions.get_extension_for_class(BasicConstraints)
        certificate.public_key()
    except Exception as error:
        # Whatever the parser stumbles over: it must not stop anything but this card.
        raise MalformedError("statement: a TLS CA is not a certificate") from error
    if not extension.value.ca:
        raise MalformedError("statement: a TLS certificate is not a CA's")


@dataclass(frozen=True, slots=True)
class ProvenStatement:
    """A statement that its authority's root has signed.

    Attributes:
        statement: What it says.
        leaf: The exact entry; two of one number must not differ.
        checkpoint: Head of the root log under which it was proven.
    """

    statement: Statement
    leaf: bytes
    checkpoint: Checkpoint

    @property
    def stated_at(self) -> UnixMs:
        """When the root made it, by the clock of the machine where the root is."""
        return parse_leaf(self.leaf, log=root_origin(self.statement.authority)).at


class _LogKeys(Wire, frozen=True, kw_only=True):
    origin: str
    vkeys: list[str]


class _WitnessKeys(Wire, frozen=True, kw_only=True):
    name: str
    vkeys: list[str]


class StatementRequest(Wire, frozen=True, kw_only=True):
    """What a node asks its offline root to vouch for; a statement but its number."""

    authority: str
    log_keys: _LogKeys
    tls: list[str]
    witness: _WitnessKeys

    def statement(self, number: int) -> Statement:
        """Return the statement of this content.

        Raises:
            MalformedError: As `Statement`.
        """
        return Statement(
            authority=parse_authority_id(self.authority),
            number=number,
            log_origin=self.log_keys.origin,
            log_keys=tuple(map(parse_vkey, self.log_keys.vkeys)),
            witness_name=self.witness.name,
            witness_keys=tuple(map(parse_vkey, self.witness.vkeys)),
            tls_cas=tuple(map(parse_base64, self.tls)),
        )


class _StatementFields(StatementRequest, frozen=True, kw_only=True):
    """The fields of a `root.keys` entry beside those that every entry has."""

    number: int


def encode_request(statement: Statement) -> bytes:
    """Return the file that asks the offline root for a statement of this content.

    Its number is not in it: only the root log knows which is next.
    """
    fields = _fields(statement)
    return canonical.encode({k: v for k, v in fields.items() if k != "number"}) + b"\n"


def parse_request(raw: bytes) -> StatementRequest:
    """Return the request in a file.

    Raises:
        MalformedError: Not one canonical line of a possible statement.
        TooLargeError: Over the limit of a statement.
    """
    request = canonical.decode_as(
        raw.removesuffix(b"\n"),
        StatementRequest,
        max_bytes=MAX_STATEMENT_BYTES,
    )
    request.statement(number=1)  # refuse now what could not be stated
    return request


def parse_root_log(authority: AuthorityId, leaves: Sequence[bytes]) -> list[Leaf]:
    """Return the entries of a whole root log after checking every link.

    Raises:
        MalformedError: An entry is not one of this log, or not in its place.
    """
    prev = FIRST_PREV
    entries = []
    for index, raw in enumerate(leaves):
        leaf = parse_leaf(raw, log=root_origin(authority))
        if (leaf.index, leaf.prev) != (index, prev):
            raise MalformedError(f"root log: entry {index} does not follow the others")
        _read(leaf, authority)
        entries.append(leaf)
        prev = chain_hash(raw)
    return entries


def append_statement(
    request: StatementRequest,
    leaves: Sequence[bytes],
    now: UnixMs,
) -> bytes:
    """Return the root log entry that states what a request asks for.

    Make it durable before proving it: a checkpoint is signed only for a tree that
    can't be lost.

    Args:
        request: What to vouch for.
        leaves: All entries of the root log so far.
        now: The time of the entry.

    Raises:
        MalformedError: The log is not whole or another authority's.
    """
    authority = parse_authority_id(request.authority)
    entries = parse_root_log(authority, leaves)
    number = 1 + max((leaf.number("number") for leaf in entries), default=0)
    draft = EntryDraft(STATEMENT_KIND, now, _fields(request.statement(number)))
    leaf, _ = build_leaf(
        draft,
        log=root_origin(authority),
        index=len(leaves),
        prev=chain_hash(leaves[-1]) if leaves else FIRST_PREV,
        previous_at=entries[-1].at if entries else NEVER,
    )
    return leaf


def prove_statement(leaves: Sequence[bytes], signer: LogSigner) -> bytes:
    """Return the proof file of the newest entry of a root log, signed by the root.

    Raises:
        LogProofError: The signer is of another log.
    """
    hashes = [leaf_hash(leaf) for leaf in leaves]
    index = len(leaves) - 1
    checkpoint = Checkpoint(signer.origin, len(leaves), root_of(hashes))
    proof = LogProof(
        index=index,
        path=inclusion_path(index, len(leaves), MemoryTree(hashes)),
        checkpoint_note=signer.sign(checkpoint),
        extra=leaves[-1],
    )
    return encode_log_proof(proof)


def verify_statement(proof: bytes, root: RootKeys) -> ProvenStatement:
    """Return the statement in a proof file that the root keys have signed.

    Raises:
        MalformedError: Not a proof file, or not of a statement.
        TooLargeError: Over the limit of proof files.
        UntrustedCardError: It is not proven by this root.
    """
    parsed = parse_log_proof(proof)
    origin = root_origin(root.authority)
    try:
        checkpoint, raw = verify_log_proof(parsed, origin=origin, keys=root.keys)
    except LogProofError as error:
        raise UntrustedCardError(f"statement: not proven: {error}") from error
    leaf = parse_leaf(raw, log=origin)
    if leaf.index != parsed.index:
        raise UntrustedCardError("statement: proven at another place than it names")
    return ProvenStatement(_read(leaf, root.authority), raw, checkpoint)


def _read(leaf: Leaf, authority: AuthorityId) -> Statement:
    """Return the statement that an entry of an authority's root log makes."""
    if leaf.kind != STATEMENT_KIND:
        raise MalformedError(f"root log: {leaf.kind}, expected {STATEMENT_KIND}")
    fields = canonical.convert(leaf.fields, _StatementFields)
    if fields.authority != authority:
        raise MalformedError(f"statement: of {fields.authority}, expected {authority}")
    return fields.statement(fields.number)


def _fields(statement: Statement) -> dict[str, JsonValue]:
    return {
        "authority": statement.authority,
        "log_keys": {
            "origin": statement.log_origin,
            "vkeys": _texts(statement.log_keys),
        },
        "number": statement.number,
        "tls": [base64.b64encode(der).decode() for der in statement.tls_cas],
        "witness": {
            "name": statement.witness_name,
            "vkeys": _texts(statement.witness_keys),
        },
    }


def _texts(keys: Sequence[VerifierKey]) -> list[JsonValue]:
    return [key.to_text() for key in keys]
