"""Policy files: which logs are believed, and which witnesses must have cosigned.

Witness and group names mean something inside the file only. Specification, section
8.6.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from gateway.core.errors import LogProofError, MalformedError, TooLargeError
from gateway.core.limits import MAX_POLICY_BYTES
from gateway.core.translog.encoding import parse_decimal
from gateway.core.translog.note import KeyType, VerifierKey, parse_vkey

NO_QUORUM = "none"

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_LOG_TYPES = frozenset({KeyType.ED25519, KeyType.ML_DSA_44})
_WITNESS_TYPES = frozenset({KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that is believed; one with two keys stands there twice."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness's key under the name it has in the file."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Members of which so many must have cosigned for the group to count."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as read from its file.

    Attributes:
        logs: Keys of the logs, in the order of the file.
        witnesses: By name, in that order.
        groups: By name, in that order: members stand before the groups they are in.
        quorum: Name of the witness or group that must count, or "none".
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str

    def log_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return the keys of one log; none if the policy does not believe it."""
        return tuple(log.key for log in self.logs if log.key.name == origin)

    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """Return the keys of all witnesses."""
        return tuple(witness.key for witness in self.witnesses)

    def counting(self, cosigned_by: Collection[VerifierKey]) -> frozenset[str]:
        """Return the names of witnesses and groups that count as having cosigned."""
        names = {item.name for item in self.witnesses if item.key in cosigned_by}
        for group in self.groups:
            if len(names.intersection(group.members)) >= group.threshold:
                names.add(group.name)
        return frozenset(names)

    def check_quorum(self, cosigned_by: Collection[VerifierKey]) -> None:
        """Check that enough witnesses have cosigned.

        Args:
            cosigned_by: Keys whose cosignatures have been verified.

        Raises:
            LogProofError: The quorum is not reached.
        """
        if self.quorum == NO_QUORUM:
            return
        counting = self.counting(cosigned_by)
        if self.quorum not in counting:
            raise LogProofError(
                f"policy: quorum {self.quorum!r} not reached, "
                f"cosigned by {', '.join(sorted(counting)) or 'no one'}",
            )


def parse_policy(raw: bytes) -> Policy:
    """Return the policy in a file.

    Raises:
        TooLargeError: The file is over its limit; checked first.
        MalformedError: A line breaks a rule; the message gives its number.
    """
    reader = _Reader()
    for number, line in enumerate(_lines(raw), start=1):
        words = re.split("[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            reader.read(*words)
        except MalformedError as error:
            raise MalformedError(f"policy: line {number}: {error}") from error
    return reader.policy()


def _lines(raw: bytes) -> list[str]:
    if len(raw) > MAX_POLICY_BYTES:
        raise TooLargeError(f"policy: {len(raw)} bytes, at most {MAX_POLICY_BYTES}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("policy: not UTF-8") from error
    if _CONTROL.search(text):
        raise MalformedError("policy: holds a control character")
    *lines, end = text.split("\n")
    if end:
        raise MalformedError("policy: the last line does not end, expected a line feed")
    return lines


@dataclass(slots=True)
class _Reader:
    """Gathers the lines of a file and refuses what contradicts earlier ones."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    publics: set[bytes] = field(default_factory=set)

    def read(self, keyword: str, *words: str) -> None:
        """Take in one line."""
        match keyword, words:
            case "log", (vkey, *url) if not url[1:]:
                self.logs.append(PolicyLog(self._key(vkey, _LOG_TYPES), *url))
            case "witness", (name, vkey, *url) if not url[1:]:
                key = self._key(vkey, _WITNESS_TYPES)
                self._define(name)
                self.witnesses.append(PolicyWitness(name, key, *url))
            case "group", (name, threshold, *members) if members:
                self._group(name, threshold, members)
            case "quorum", (name,):
                self._quorum(name)
            case _:
                raise MalformedError(f"{keyword[:80]!r} with {len(words)} words")

    def policy(self) -> Policy:
        """Return what was gathered."""
        if self.quorum is None:
            raise MalformedError("policy: no quorum line")
        return Policy(
            logs=tuple(self.logs),
            witnesses=tuple(self.witnesses),
            groups=tuple(self.groups),
            quorum=self.quorum,
        )

    def _key(self, vkey: str, types: Collection[KeyType]) -> VerifierKey:
        key = parse_vkey(vkey)
        if key.key_type not in types:
            raise MalformedError(f"{key.name!r}: key of another purpose")
        if key.public in self.publics:
            raise MalformedError(f"{key.name!r}: public key stands there twice")
        self.publics.add(key.public)
        return key

    def _define(self, name: str) -> None:
        if name in self.names or name == NO_QUORUM:
            raise MalformedError(f"name {name[:80]!r} is taken")
        self.names.add(name)

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        for member in members:
            if member not in self.names:
                raise MalformedError(f"member {member[:80]!r} is not defined above")
            if member in self.members:
                raise MalformedError(f"member {member[:80]!r} is in a group already")
            self.members.add(member)
        self._define(name)
        needed = _threshold(threshold, len(members))
        self.groups.append(PolicyGroup(name, needed, tuple(members)))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise MalformedError("a second quorum line")
        if name != NO_QUORUM and name not in self.names:
            raise MalformedError(f"quorum {name[:80]!r} is not defined above")
        self.quorum = name


def _threshold(word: str, members: int) -> int:
    if word in {"all", "any"}:
        return members if word == "all" else 1
    needed = parse_decimal(word, "threshold")
    if not 1 <= needed <= members:
        raise MalformedError(f"threshold {needed} of {members} members")
    return needed
