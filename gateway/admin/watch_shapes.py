"""What the admin API tells of the monitors: findings, and what is owed."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import MAX_PAGE, Answer, Request


class LogFinding(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a check of the store has found.

    Attributes:
        code: Stable, of the table in section 8.12.
        place: What it is about, like `entry 17`.
        contradicts_signed: The log is no longer what was signed.
    """

    code: str
    place: str
    text: str
    contradicts_signed: bool = False


class LogCheckState(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What the node's own monitor knows of its store.

    Attributes:
        sound: Whether nothing is wrong as far as it has looked.
        findings: What is wrong; at most 100.
        size: Entries of the log now.
        followed: Up to which entry added ones were checked as they came.
        walked: How far the present walk over everything has come.
        whole_at: When the last walk that has ended had begun; empty before that.
        whole_entries: How many entries it hashed.
        whole_messages: How many messages it compared.
        age_s: Seconds since it had begun, or since the start of the node.
    """

    sound: bool
    findings: tuple[LogFinding, ...]
    size: int
    followed: int = 0
    walked: int = 0
    whole_at: str = ""
    whole_entries: int = 0
    whole_messages: int = 0
    age_s: int = 0


class OwedQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the report; without a peer, of all."""

    peer: Annotated[str, Meta(max_length=64)] = ""
    cursor: Annotated[str, Meta(max_length=110)] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100


class OwedItem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is owed.

    Attributes:
        debtor: `peer` or `us`.
        what: What is missing: `receipt`, `witness`, `evidence`, `our-receipt` or
            `our-event`.
        since: When the message entered its present state.
        log_index: The entry of our log that it rests on.
    """

    peer: str
    debtor: str
    what: str
    message: str
    since: str
    log_index: int


class OwedPage(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A page of the report; `next` is the cursor of the following one."""

    items: tuple[OwedItem, ...]
    next: str = ""
