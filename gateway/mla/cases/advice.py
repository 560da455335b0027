"""What is advised at a point of a case, though nothing forbids to do otherwise."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from gateway.mla.cases.fold import Folded
from gateway.mla.cases.messages import Message
from gateway.mla.problems import Problem, ProblemCode, select, text_at, texts_at

_CONSULT_BEFORE: Final = {
    "UNTOC": "UNTOC 18(26)",
    "UNCAC": "UNCAC 46(26)",
    "EIO": "EIO 11(4)",
}
_TOLD_BEFORE: Final = {"EIO": "EIO 10(4)"}
_DECLINED: Final = frozenset({"REFUSE", "REFUSE_PART", "POSTPONE"})
_TALKED: Final = frozenset({"CNS_REQ", "CLR_REQ", "STS"})
_DAYS_AFTER_REFUSAL: Final = 30


def advice_on(message: Message, folded: Folded) -> Iterator[Problem]:
    """Yield the advice on a message at its place.

    Args:
        message: The message.
        folded: Its case, with it.
    """
    before = []
    for one in folded.effective:
        if one.id == message.id:
            break
        before.append(one)
    if message.type == "DEC":
        yield from _on_decision(message, folded.standing.instruments, before)
    elif message.type == "CNS_REQ":
        yield from _on_late_consultation(message, before)


def _on_decision(
    message: Message, instruments: tuple[str, ...], before: list[Message]
) -> Iterator[Problem]:
    types = {one.type for one in before}
    for pointer, block in select(message.entry, "payload/decisions/*"):
        outcome = text_at(block, "outcome") or ""
        if outcome in _DECLINED and "CNS_REQ" not in types:
            article = _article(_CONSULT_BEFORE, instruments)
            sentence = "outcome: without a consultation, expected a CNS_REQ before it"
        elif outcome == "ACCEPT_ALT" and not types & _TALKED:
            article = _article(_TOLD_BEFORE, instruments)
            sentence = "outcome: the issuer was not told, expected a CNS_REQ before it"
        else:
            continue
        if article:
            yield Problem(
                f"{pointer}/outcome",
                ProblemCode.STATE,
                sentence,
                blocking=False,
                article=article,
            )


def _article(articles: dict[str, str], instruments: tuple[str, ...]) -> str:
    return next((articles[one] for one in instruments if one in articles), "")


def _on_late_consultation(message: Message, before: list[Message]) -> Iterator[Problem]:
    # Before refusal, consultation is timely whenever it comes.
    refused = [
        one.day
        for one in before
        if texts_at(one.entry, "payload/decisions/*/outcome") == {"REFUSE"}
    ]
    if refused and _days(refused[-1], message.day) > _DAYS_AFTER_REFUSAL:
        yield Problem(
            "/msg_type",
            ProblemCode.STATE,
            f"msg_type: more than {_DAYS_AFTER_REFUSAL} days after the decision, "
            "expected earlier",
            blocking=False,
        )


def _days(first: str, second: str) -> int:
    try:
        return (date.fromisoformat(second) - date.fromisoformat(first)).days
    except ValueError:
        return 0
