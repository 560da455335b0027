"""What the admin API gives about witnesses, rounds, and logs that contradict."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, Answer, Request

MAX_ROUNDS = 100


class WitnessStanding(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A witness that is asked to cosign our log.

    Attributes:
        name: Its key name; it counts once, whatever number of keys it has.
        peer: The peer it is; empty for one that is no peer.
        url: Where one that is no peer is asked.
        size: Largest tree of our log that it has cosigned.
        at: When, by its clock; empty if never.
        lag_entries: Entries of our log beyond that.
        problem: Why its last answer was no cosignature.
        vkeys: Its keys, as a policy names them.
    """

    name: str
    peer: str = ""
    url: str = ""
    size: int = 0
    at: str = ""
    lag_entries: int = 0
    problem: str = ""
    vkeys: tuple[str, ...] = ()


class Witnesses(Answer, frozen=True, kw_only=True):
    """How far our log is cosigned.

    Attributes:
        quorum: How many witnesses must have cosigned; 0 demands none.
        size: Entries of our log.
        covered_size: Size up to which that many, at least one, have.
        uncovered: Entries beyond that.
    """

    quorum: int
    size: int
    covered_size: int
    uncovered: int
    items: tuple[WitnessStanding, ...]


class Round(Answer, frozen=True, kw_only=True):
    """A round checkpoint of our log.

    Attributes:
        note: The signed note, with every cosignature there is of it.
        cosigned_by: Names of the witnesses.
        at: When it was signed.
    """

    size: int
    root: str
    at: str
    note: str
    cosigned_by: tuple[str, ...]


class RoundList(Answer, frozen=True, kw_only=True):
    """Round checkpoints, the newest first.

    Attributes:
        next: For `before`, to go on; 0 if these were the last.
    """

    items: tuple[Round, ...]
    next: int


class RoundsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which round checkpoints.

    Attributes:
        before: Only of trees smaller than this; 0 begins with the newest.
    """

    before: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_ROUNDS)] = 20


class Conflict(Answer, frozen=True, kw_only=True):
    """Two notes of a peer's log that contradict each other.

    Attributes:
        kind: split-view, rollback or inconsistent.
        source: Who brought the note that does not fit.
        settled: The log was shown to be one log after all.
        name: Name of its file.
        file: The file as it is: canonical JSON with both notes.
    """

    authority: str
    origin: str
    kind: str
    source: str
    at: str
    settled: bool
    name: str
    file: str


class ConflictList(Answer, frozen=True, kw_only=True):
    """Everything that is held against logs of peers, oldest first."""

    items: tuple[Conflict, ...]


class LogPolicy(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change about logs; what is left out stays as it is.

    Attributes:
        may_monitor: The peer may read the hash tiles of our log, which show how
            active we are.
        may_gossip: We tell each other newest checkpoints of third logs, which shows
            whom we deal with.
        exchanges_despite_conflict: Messages flow although its log shows two histories.
    """

    may_monitor: bool | None = None
    may_gossip: bool | None = None
    exchanges_despite_conflict: bool | None = None
