"""From when on time is counted: what each row of the retention table looks for.

Every function sees the messages of one case with one peer, oldest first, of which no
earlier row has taken any, and yields which of them are to go, and since when.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.mla.kept import KeptMessage, Triggered
from gateway.mla.problems import has, text_at, texts_at

ANSWERS_WITH_DATA: Final = frozenset(
    {
        "AST_RPT",
        "CR_RSP",
        "EVD",
        "HRG_REC",
        "PAR_RSP",
        "PRS_RSP",
        "RSP",
        "SVC_RSP",
    },
)
"""Types by which one side gives the other what it asked for."""

_MEASURES: Final = (
    "/payload/measure_ids/*",
    "/payload/measures/*/measure_id",
    "/payload/results/*/measure_id",
    "/payload/manifest/*/measure_id",
)
_NEVER_SENT: Final = frozenset({"held", "expired", "cancelled"})
# What says nothing about whether information was used.
_NO_USE: Final = frozenset({"SPI", "SPI_RSP", "ACK", "ERR", "RET_REQ", "RET_CNF"})
_REFUSED: Final = frozenset({"REFUSE"})
_ENDING: Final = frozenset({"CLS", "WDR", "CR_CAN"})


def never_sent(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield each message of ours that did not leave."""
    for one in case:
        if one.is_ours and one.state in _NEVER_SENT:
            yield Triggered(one.at, (one.id,))


def data_not_wanted_any_more(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield the data we received of what we withdrew with DELETE.

    A withdrawal of some measures only takes what answers no other measure. What comes
    after the withdrawal falls under it too.
    """
    for wdr in case:
        if not (wdr.is_ours and wdr.msg_type == "WDR" and wdr.state != "cancelled"):
            continue
        if "DELETE" not in texts_at(wdr.entry, "/payload/data_action"):
            continue
        taken = tuple(
            one.id
            for one in case
            if not one.is_ours and _is_data(one) and _falls_under(one, wdr)
        )
        if taken:
            yield Triggered(wdr.at, taken)


def _falls_under(answer: KeptMessage, wdr: KeptMessage) -> bool:
    if text_at(wdr.entry, "/payload/scope") == "ALL":
        return True
    measures = _measures_of(wdr)
    answered = _measures_of(answer)
    return bool(answered) and answered <= measures


def _measures_of(message: KeptMessage) -> frozenset[str]:
    return frozenset[str]().union(
        *(texts_at(message.entry, path) for path in _MEASURES)
    )


def information_refused(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield spontaneous information whose conditions we refused."""
    for reply in case:
        if not reply.is_ours or reply.msg_type != "SPI_RSP":
            continue
        if text_at(reply.entry, "/payload/conditions") == "REJECT":
            taken = _ids(one for one in case if one.msg_type == "SPI")
            if taken:
                yield Triggered(reply.at, taken)


def answers_about_records(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield what we were told of criminal records, once the case was closed."""
    closed = [one.at for one in case if one.msg_type == "CLS"]
    taken = _ids(one for one in case if not one.is_ours and one.msg_type == "CR_RSP")
    if closed and taken:
        yield Triggered(closed[-1], taken)


def information_not_used(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield information that was replied to, and nothing else came of it here."""
    replies = [one for one in case if one.is_ours and one.msg_type == "SPI_RSP"]
    if not replies or not {one.msg_type for one in case} <= _NO_USE:
        return
    taken = _ids(one for one in case if not one.is_ours and one.msg_type == "SPI")
    if taken and text_at(replies[-1].entry, "/payload/usefulness") != "USED":
        yield Triggered(replies[-1].at, taken)


def ended_without_data(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield a whole case that ended and in which nothing was given."""
    if case and _has_ended(case) and not any(map(_is_data, case)):
        yield Triggered(max(one.at for one in case), _ids(case))


def transferred_evidence(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield messages of ours whose evidence the other side has verified."""
    for receipt in case:
        if receipt.is_ours or receipt.msg_type != "EVD_ACK":
            continue
        if "REJECTED" in texts_at(receipt.entry, "/payload/items/*/result"):
            continue
        about = texts_at(receipt.entry, "/in_reply_to")
        taken = _ids(one for one in case if one.is_ours and one.id in about)
        if taken:
            yield Triggered(receipt.at, taken)


def cases_under_review(case: Sequence[KeptMessage]) -> Iterator[Triggered]:
    """Yield what is left of a case."""
    if case:
        yield Triggered(max(one.at for one in case), _ids(case))


def _has_ended(case: Sequence[KeptMessage]) -> bool:
    return any(
        one.msg_type in _ENDING or (one.msg_type == "DEC" and _refuses_all(one))
        for one in case
    )


def _refuses_all(decision: KeptMessage) -> bool:
    outcomes = texts_at(decision.entry, "/payload/decisions/*/outcome")
    return bool(outcomes) and outcomes <= _REFUSED


def _is_data(message: KeptMessage) -> bool:
    """Tell whether a message gives what was asked for, or brings evidence."""
    return message.msg_type in ANSWERS_WITH_DATA or has(
        message.entry, "/payload/manifest/*"
    )


def _ids(messages: Iterable[KeptMessage]) -> tuple[str, ...]:
    return tuple(one.id for one in messages)
