"""What is in force: peers and operators, verified, swapped all at once."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConfigError
from gateway.core.operators import Caller, Departed, Operator, authenticate
from gateway.core.units import Units
from gateway.core.values import AuthorityId, HexDigest, Stage, UnixMs
from gateway.ports.peers import Peer
from gateway.ports.trust import EnrolledPeer, TrustEdit
from gateway.trust import files
from gateway.trust.operators import (
    encode_departed,
    encode_operator,
    is_operator_path,
    operator_path,
    parse_account,
)
from gateway.trust.peers import (
    authority_of,
    card_path,
    encode_history,
    encode_policy,
    history_path,
    parse_peer,
    policy_path,
)
from gateway.trust.units import UNITS_PATH, encode_units, parse_units


@dataclass(frozen=True, slots=True)
class _State:
    """Everything at one moment: the bytes, and what was read from those very bytes."""

    files: Mapping[str, bytes]
    peers: Mapping[AuthorityId, EnrolledPeer]
    operators: Mapping[str, Operator]
    departed: Mapping[str, Departed]
    units: Units


_NOTHING = _State({}, {}, {}, {}, Units())


class TrustDirectory:
    """Implements `PeerDirectory` and `TrustRegister` on a home folder."""

    def __init__(self, home: Path, stage: Stage) -> None:
        self._home = home
        self._stage = stage
        self._state = _NOTHING
        self._listeners: list[Callable[[], None]] = []
        # File work goes on in its thread when its caller is cancelled; the next must
        # not begin before it has ended.
        self._file_turn = threading.Lock()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever trust was loaded anew."""
        self._listeners.append(listener)

    def peer(self, authority: AuthorityId) -> Peer | None:
        """Return a configured peer."""
        enrolled = self._state.peers.get(authority)
        return enrolled.peer if enrolled else None

    def peers(self) -> Sequence[Peer]:
        """Return all configured peers, ordered by id."""
        return [enrolled.peer for enrolled in self.enrolled_peers()]

    def enrolled(self, authority: AuthorityId) -> EnrolledPeer | None:
        """Return a peer with its enrolment."""
        return self._state.peers.get(authority)

    def enrolled_peers(self) -> Sequence[EnrolledPeer]:
        """Return all peers with their enrolments, ordered by id."""
        return [self._state.peers[name] for name in sorted(self._state.peers)]

    def operator(self, name: str) -> Operator | None:
        """Return an operator."""
        return self._state.operators.get(name)

    def operators(self) -> Sequence[Operator]:
        """Return all operators, ordered by name."""
        return [self._state.operators[name] for name in sorted(self._state.operators)]

    def departed(self, name: str) -> Departed | None:
        """Return what is known of somebody who had an account."""
        return self._state.departed.get(name)

    def all_departed(self) -> Sequence[Departed]:
        """Return everybody who had an account, ordered by name."""
        return [self._state.departed[name] for name in sorted(self._state.departed)]

    def units(self) -> Units:
        """Return all units, and the rules by which cases come to them."""
        return self._state.units

    def authenticate(self, token: str, now: UnixMs) -> Caller | None:
        """Return who holds a token, or None if nobody does or it has expired."""
        return authenticate(self.operators(), token, now)

    async def stage(self, edit: TrustEdit) -> HexDigest:
        """Write a change beside what is in force; return the digest to log.

        Raises:
            ConfigError: What the change leads to could not be loaded, or the files
                can't be written.
        """
        return await asyncio.to_thread(self._stage_edit, self._state.files, edit)

    async def load(self, logged: HexDigest) -> None:
        """Put into force what was logged last, and nothing else.

        Raises:
            ConfigError: A file is not as it was logged; names it and the command
                that makes such a change.
        """
        self._state = await asyncio.to_thread(self._settle_and_read, logged)
        for listener in self._listeners:
            listener()

    def _stage_edit(self, current: Mapping[str, bytes], edit: TrustEdit) -> HexDigest:
        wanted = _edited(current, edit)
        # What could not be loaded must never be logged: the node would not start.
        _read_state(wanted, self._stage)
        with self._file_turn:
            return files.stage(self._home, current, wanted)

    def _settle_and_read(self, logged: HexDigest) -> _State:
        with self._file_turn:
            files.settle(self._home, logged)
            return _read_state(files.read_all(self._home, logged), self._stage)


def create_trust(home: Path, operators: Sequence[Operator]) -> HexDigest:
    """Write the first trust files: operators, no peer. Return the digest to log.

    Raises:
        ConfigError: A file exists already or can't be written.
    """
    edit = TrustEdit(put_operators=tuple(operators))
    return files.create(home, _edited({}, edit))


def operators_of(home: Path) -> Sequence[Operator]:
    """Return the accounts of a home whose node is not asked; the log is not, either.

    None where no account was ever made.

    Raises:
        ConfigError: A file is not as the list of files says.
    """
    if not (home / files.LISTING).exists():
        return []
    listing = (home / files.LISTING).read_bytes()
    contents = files.read_all(home, files.digest_of(listing))
    found = [
        parse_account(path, raw)
        for path, raw in contents.items()
        if is_operator_path(path)
    ]
    return [one for one in found if isinstance(one, Operator)]


def _edited(current: Mapping[str, bytes], edit: TrustEdit) -> dict[str, bytes]:
    """Return all files as they are after an edit."""
    wanted = dict(current)
    for authority in edit.removed_peers:
        del wanted[card_path(authority)], wanted[policy_path(authority)]
        wanted.pop(history_path(authority), None)
    for gone in edit.departed:
        wanted[operator_path(gone.name)] = encode_departed(gone)
    if edit.units is not None:
        wanted[UNITS_PATH] = encode_units(edit.units)
    for enrolled in edit.put_peers:
        wanted[card_path(enrolled.authority)] = enrolled.peer.card.raw
        wanted[policy_path(enrolled.authority)] = encode_policy(enrolled)
        if enrolled.earlier:
            history = encode_history(enrolled.earlier)
            wanted[history_path(enrolled.authority)] = history
    for operator in edit.put_operators:
        wanted[operator_path(operator.name)] = encode_operator(operator)
    return wanted


def _read_state(contents: Mapping[str, bytes], stage: Stage) -> _State:
    """Return what all files say.

    Raises:
        ConfigError: A file can't be read, or a peer's second one is missing.
    """
    accounts = [
        parse_account(path, raw)
        for path, raw in contents.items()
        if is_operator_path(path)
    ]
    authorities = {
        authority_of(path)
        for path in contents
        if not is_operator_path(path) and path != UNITS_PATH
    }
    operators = {one.name: one for one in accounts if isinstance(one, Operator)}
    units = parse_units(contents.get(UNITS_PATH, b""))
    _check_people(units, operators)
    peers = [_read_peer(contents, authority, stage) for authority in authorities]
    return _State(
        files=contents,
        peers={enrolled.authority: enrolled for enrolled in peers},
        operators=operators,
        departed={one.name: one for one in accounts if isinstance(one, Departed)},
        units=units,
    )


def _check_people(units: Units, operators: Mapping[str, Operator]) -> None:
    """Refuse units or rules that name people there are not."""
    unknown = sorted(units.people() - operators.keys())
    if unknown:
        raise ConfigError(f"{UNITS_PATH}: {unknown[0]} has no account")


def _read_peer(
    contents: Mapping[str, bytes],
    authority: AuthorityId,
    stage: Stage,
) -> EnrolledPeer:
    for path in (card_path(authority), policy_path(authority)):
        if path not in contents:
            raise ConfigError(f"{path}: is missing")
    return parse_peer(
        authority,
        card=contents[card_path(authority)],
        policy=contents[policy_path(authority)],
        history=contents.get(history_path(authority)),
        stage=stage,
    )
