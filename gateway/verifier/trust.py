"""What the user believes: keys and policies, from files given by name.

Never from the evidence itself: whoever forged that could have put their own keys in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import GatewayError, MalformedError, UsageError
from gateway.core.identity import (
    ProvenStatement,
    RootKeys,
    VerifiedCard,
    format_fingerprint,
    parse_card,
    verify_card,
    verify_statement,
)
from gateway.core.limits import MAX_CARD_BYTES, MAX_LOG_PROOF_BYTES, MAX_POLICY_BYTES
from gateway.core.translog.note import KeyType, VerifierKey, parse_vkey
from gateway.core.translog.policy import Policy, parse_policy
from gateway.core.values import AuthorityId, HexDigest
from gateway.verifier.files import read_given
from gateway.verifier.retired import Retirement, retirement_of

_COSIGNING = frozenset({KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44})
_ALGORITHMS = {
    KeyType.ED25519: "Ed25519",
    KeyType.ED25519_COSIGNATURE: "Ed25519 cosignature",
    KeyType.ML_DSA_44: "ML-DSA-44",
}


@dataclass(frozen=True, slots=True)
class TrustedFile:
    """A file of keys that the user gave.

    Attributes:
        path: Where it is.
        keys: All keys in it or, for a card, that its root vouches for.
        card: The card, if it is one.
        statement: The statement of the root of such a card, if it is one.
    """

    path: Path
    keys: tuple[VerifierKey, ...]
    card: VerifiedCard | None = None
    statement: ProvenStatement | None = None

    def describe(self) -> str:
        """Return what two people can compare."""
        if self.card is not None:
            shown = one_line(self.card.fingerprint)
            return f"{self.card.authority} fingerprint {shown} ({self.path.name})"
        if self.statement is not None:
            said = self.statement.statement
            return f"{said.authority} statement {said.number} ({self.path.name})"
        keys = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in self.keys)
        return f"{keys} ({self.path.name})"


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything the user believes.

    Attributes:
        files: Files of keys, in the order given.
        policy: Which witnesses are demanded, if that was said.
    """

    files: tuple[TrustedFile, ...]
    policy: Policy | None = None

    def keys(self) -> tuple[VerifierKey, ...]:
        """Return all keys, each once."""
        return tuple(dict.fromkeys(key for file in self.files for key in file.keys))

    def log_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return the keys of one log, with those that were retired.

        With a policy, those that it believes too; where it believes a key at work, it
        does not have to name those before.
        """
        keys = tuple(key for key in self.keys() if key.name == origin)
        if self.policy is None:
            return keys
        believed = [key for key in keys if key in self.policy.log_keys(origin)]
        if any(self.retirement(key) is None for key in believed):
            return tuple(key for key in keys if key in believed or self.retirement(key))
        return tuple(believed)

    def retirement(self, key: VerifierKey) -> Retirement | None:
        """Return how a key was retired; None if it is believed without a limit.

        Raises:
            UntrustedCardError: Statements of its root contradict each other.
        """
        for file in self.files:
            # A file of keys says nothing of time: whoever gave it believes them.
            if file.card is None and file.statement is None and key in file.keys:
                return None
        cards = [file.card for file in self.files if file.card is not None]
        statements = [one.statement for one in self.files if one.statement is not None]
        return retirement_of(key, cards, statements)

    def witness_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return the keys that may cosign that log: the policy's, or all known."""
        if self.policy is not None:
            return self.policy.witness_keys()
        return tuple(
            key
            for key in self.keys()
            if key.name != origin and key.key_type in _COSIGNING
        )

    def roots(self, authority: str) -> frozenset[RootKeys]:
        """Return the root keys in cards of this authority."""
        return frozenset(
            file.card.root
            for file in self.files
            if file.card is not None and file.card.authority == authority
        )

    def fingerprints(self, authority: AuthorityId) -> frozenset[HexDigest]:
        """Return the fingerprints that cards of this authority have."""
        return frozenset(
            file.card.fingerprint
            for file in self.files
            if file.card is not None and file.card.authority == authority
        )


def one_line(fingerprint: HexDigest) -> str:
    """Return a fingerprint in groups, on one line."""
    return format_fingerprint(fingerprint).replace("\n", " ")


def key_label(key: VerifierKey) -> str:
    """Return a key's id and algorithm."""
    return f"{key.key_id.hex()} ({_ALGORITHMS[key.key_type]})"


def load_trust(
    keys: Sequence[Path],
    policy: Path | None,
    history: Sequence[Path] = (),
) -> Trust:
    """Return what the given files say.

    Args:
        keys: Cards, or files of vkeys.
        policy: Which witnesses are demanded.
        history: Statements of the roots of the cards.

    Raises:
        UsageError: A file can't be read or used; the message names it.
    """
    files = tuple(map(_load_keys, keys))
    cards = [file.card for file in files if file.card is not None]
    return Trust(
        files=(*files, *(_load_statement(path, cards) for path in history)),
        policy=None if policy is None else _load_policy(policy),
    )


def _load_statement(path: Path, cards: Sequence[VerifiedCard]) -> TrustedFile:
    raw = read_given(path, max_bytes=MAX_LOG_PROOF_BYTES)
    problem = GatewayError("not by the root of a card that was given")
    for card in cards:
        try:
            return trusted_statement(path, verify_statement(raw, card.root))
        except GatewayError as error:
            problem = error
    raise UsageError(f"--history {path}: {problem}")


def trusted_statement(path: Path, proven: ProvenStatement) -> TrustedFile:
    """Return a statement, once the root of a card that was given has proven it."""
    said = proven.statement
    return TrustedFile(
        path,
        (*said.log_keys, *said.witness_keys),
        statement=proven,
    )


def _load_keys(path: Path) -> TrustedFile:
    raw = read_given(path, max_bytes=MAX_CARD_BYTES)
    try:
        if raw.startswith(b"{"):
            return _card(path, raw)
        return TrustedFile(path, parse_vkeys(raw))
    except GatewayError as error:
        raise UsageError(f"--keys {path}: {error}") from error


def _card(path: Path, raw: bytes) -> TrustedFile:
    # The user says by giving it that it is the right one; its own chain must hold.
    card = verify_card(raw, stage=parse_card(raw).card.stage)
    statement = card.statement
    return TrustedFile(
        path,
        (*card.root.keys, *statement.log_keys, *statement.witness_keys),
        card,
    )


def parse_vkeys(raw: bytes) -> tuple[VerifierKey, ...]:
    """Return the keys in a file with one vkey a line, `#` lines aside.

    Raises:
        MalformedError: Not such a file, or no key in it.
    """
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise MalformedError("keys: neither a card nor a file of vkeys") from error
    keys = tuple(
        parse_vkey(line.strip())
        for line in lines
        if line.strip() and not line.startswith("#")
    )
    if not keys:
        raise MalformedError("keys: no key in it")
    return keys


def _load_policy(path: Path) -> Policy:
    raw = read_given(path, max_bytes=MAX_POLICY_BYTES)
    try:
        policy = parse_policy(raw)
        _check_counts_once(policy)
    except GatewayError as error:
        raise UsageError(f"--policy {path}: {error}") from error
    return policy


def _check_counts_once(policy: Policy) -> None:
    """Refuse a group in which two keys of one witness would count as two."""
    key_name = {witness.name: witness.key.name for witness in policy.witnesses}
    for group in policy.groups:
        named = [key_name[member] for member in group.members if member in key_name]
        if len(set(named)) < len(named) and 1 < group.threshold < len(group.members):
            raise MalformedError(
                f"group {group.name!r}: two keys of one witness would count twice; "
                "put them into an 'any' group of their own",
            )
