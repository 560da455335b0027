"""Which figures there are, what each counts, and who asks for it.

A figure is either a number of requests or things, split by a code where that says
more, or a time in milliseconds of which the report gives count, mean, median, ninetieth
percentile and longest.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from gateway.mla.statistics.facts import RequestFacts

Counting: TypeAlias = Callable[[RequestFacts], Iterable[tuple[str, Decimal]]]
"""Yields code and amount; the code is empty where there is only one number."""

Timing: TypeAlias = Callable[[RequestFacts], Iterable[int]]
"""Yields milliseconds."""

_ONE: Final = Decimal(1)
# Regulation (EU) 2023/1543: production orders and preservation orders.
_ORDER_TYPES: Final = frozenset({"MLA_REQ", "EMR_REQ", "PRS_REQ"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        name: Its id in reports.
        words: What it is, in English and in French.
        source: Who asks for it.
        amounts: What it counts; None of a time.
        times: What it measures; None of a number.
    """

    name: str
    words: tuple[str, str]
    source: str
    amounts: Counting | None = None
    times: Timing | None = None


def _each(
    codes: Callable[[RequestFacts], Iterable[str]],
) -> Callable[[RequestFacts], Iterator[tuple[str, Decimal]]]:
    def amounts(facts: RequestFacts) -> Iterator[tuple[str, Decimal]]:
        for code in codes(facts):
            yield code, _ONE

    return amounts


def _number(
    number: Callable[[RequestFacts], int],
) -> Callable[[RequestFacts], Iterator[tuple[str, Decimal]]]:
    def amounts(facts: RequestFacts) -> Iterator[tuple[str, Decimal]]:
        if value := number(facts):
            yield "", Decimal(value)

    return amounts


def _between(
    start: Callable[[RequestFacts], int | None],
    end: Callable[[RequestFacts], int | None],
) -> Callable[[RequestFacts], Iterator[int]]:
    def times(facts: RequestFacts) -> Iterator[int]:
        began, ended = start(facts), end(facts)
        if began is not None and ended is not None and ended >= began:
            yield ended - began

    return times


def _opened(facts: RequestFacts) -> int | None:
    return facts.opened_at


def _completeness(facts: RequestFacts) -> str:
    """Return how a request was answered: full, part, nothing, refused, open."""
    results = set(facts.results)
    if facts.answered_at is None and not results:
        refused = facts.decisions and set(facts.decisions) <= {"REFUSE"}
        return "withdrawn" if facts.withdrawals else "refused" if refused else "open"
    if not results or results <= {"EXECUTED"}:
        return "full"
    return "nothing" if results <= {"NO_DATA", "NOT_FOUND", "IMPOSSIBLE"} else "part"


def _assets(facts: RequestFacts) -> Iterator[tuple[str, Decimal]]:
    for asset in facts.assets:
        try:
            value = Decimal(asset.value) if asset.value else Decimal(0)
        except InvalidOperation:
            continue
        yield f"{asset.status} {asset.currency}".strip(), value


def _is_order(facts: RequestFacts) -> bool:
    return facts.instrument == "EEV" and facts.msg_type in _ORDER_TYPES


def _orders(facts: RequestFacts) -> Iterator[str]:
    if _is_order(facts):
        kind = "EPOC-PR" if facts.msg_type == "PRS_REQ" else "EPOC"
        yield f"{kind} emergency" if facts.urgency == "EMERGENCY" else kind


def _fulfilled(facts: RequestFacts) -> Iterator[str]:
    if _is_order(facts):
        done = _completeness(facts) in {"full", "part"}
        yield "fulfilled" if done else "not fulfilled"


def _order_times(facts: RequestFacts) -> Iterator[int]:
    if _is_order(facts) and facts.answered_at is not None:
        yield max(facts.answered_at - facts.opened_at, 0)


def _emergency_first_answer(facts: RequestFacts) -> Iterator[int]:
    if facts.urgency == "EMERGENCY":
        yield from _between(_opened, lambda one: one.first_answer_at)(facts)


_E: Final = "Regulation (EU) 2023/1543, article 28(2)"
_G: Final = "gateway"
_R: Final = "FD 2009/315/JHA"
_A: Final = "Regulation (EU) 2018/1805, article 35"

FIGURES: Final = (
    Figure("requests", ("Requests", "Demandes"), _G, _each(lambda f: [f.msg_type])),
    Figure(
        "measures",
        ("Measures asked for", "Mesures demandées"),
        _G,
        _each(lambda f: f.assists),
    ),
    Figure(
        "offences",
        ("Offences, by the EU list", "Infractions, liste de l'UE"),
        _G,
        _each(lambda f: f.offences),
    ),
    Figure(
        "urgency",
        ("Requests by urgency", "Demandes par urgence"),
        _G,
        _each(lambda f: [f.urgency]),
    ),
    Figure(
        "languages",
        ("Languages of requests", "Langues des demandes"),
        _G,
        _each(lambda f: [f.language]),
    ),
    Figure(
        "decisions",
        ("Decisions on measures", "Décisions par mesure"),
        _G,
        _each(lambda f: f.decisions),
    ),
    Figure(
        "refusal_grounds",
        ("Grounds of refusal", "Motifs de refus"),
        _G,
        _each(lambda f: f.refusals),
    ),
    Figure(
        "postponement_grounds",
        ("Grounds of postponement", "Motifs de report"),
        _G,
        _each(lambda f: f.postponements),
    ),
    Figure(
        "outcomes",
        ("Requests by outcome", "Demandes par issue"),
        _G,
        _each(lambda f: [_completeness(f)]),
    ),
    Figure(
        "results",
        ("Results of measures", "Résultats par mesure"),
        _G,
        _each(lambda f: f.results),
    ),
    Figure(
        "clarifications",
        ("Clarifications asked", "Éclaircissements demandés"),
        _G,
        _number(lambda f: f.clarifications),
    ),
    Figure(
        "withdrawals",
        ("Withdrawals, by reason", "Retraits, par motif"),
        _G,
        _each(lambda f: f.withdrawals),
    ),
    Figure(
        "deadlines",
        ("Deadlines, by rule and outcome", "Délais, par règle et issue"),
        _G,
        _each(lambda f: [f"{one.rule} {one.outcome}" for one in f.deadlines]),
    ),
    Figure(
        "items",
        ("Evidence items", "Pièces transmises"),
        _G,
        _number(lambda f: f.items),
    ),
    Figure(
        "item_bytes",
        ("Bytes of evidence", "Octets de preuves"),
        _G,
        _number(lambda f: f.item_bytes),
    ),
    Figure(
        "items_rejected",
        ("Items rejected", "Pièces rejetées"),
        _G,
        _number(lambda f: f.items_rejected),
    ),
    Figure(
        "digests_failed",
        ("Digests that did not hold", "Empreintes non conformes"),
        _G,
        _number(lambda f: f.digests_failed),
    ),
    Figure(
        "use_requests",
        ("Requests for other use", "Demandes d'autre utilisation"),
        _G,
        _number(lambda f: f.use_requests),
    ),
    Figure(
        "use_answers",
        ("Answers on other use", "Réponses sur l'autre utilisation"),
        _G,
        _each(lambda f: f.use_answers),
    ),
    Figure(
        "disposals",
        ("Items returned or destroyed", "Pièces rendues ou détruites"),
        _G,
        _each(lambda f: f.disposals),
    ),
    Figure(
        "feedback",
        ("Feedback on use", "Retours sur l'utilisation"),
        _G,
        _each(lambda f: f.feedback),
    ),
    Figure(
        "breaches", ("Breach notices", "Violations"), _G, _number(lambda f: f.breaches)
    ),
    Figure(
        "remedies", ("Remedies sought", "Recours"), _G, _number(lambda f: f.remedies)
    ),
    Figure(
        "assets_value",
        ("Assets, by what became of them", "Biens, par issue"),
        _A,
        _assets,
    ),
    Figure(
        "time_to_ack",
        ("Request to acknowledgement", "De la demande à l'accusé"),
        _G,
        times=_between(_opened, lambda f: f.acked_at),
    ),
    Figure(
        "time_to_decision",
        ("Request to decision", "De la demande à la décision"),
        _G,
        times=_between(_opened, lambda f: f.decided_at),
    ),
    Figure(
        "time_decision_to_answer",
        ("Decision to final answer", "De la décision à la réponse finale"),
        _G,
        times=_between(lambda f: f.decided_at, lambda f: f.answered_at),
    ),
    Figure(
        "time_to_answer",
        ("Request to final answer", "De la demande à la réponse finale"),
        _G,
        times=_between(_opened, lambda f: f.answered_at),
    ),
    Figure(
        "time_of_clarification",
        ("Clarification turnaround", "Durée d'un éclaircissement"),
        _G,
        times=lambda f: f.clarification_ms,
    ),
    Figure(
        "time_to_acceptance",
        ("Evidence to its receipt", "De la preuve à son accusé"),
        _G,
        times=lambda f: f.acceptance_ms,
    ),
    Figure(
        "time_to_first_answer_emergency",
        ("Emergency to first answer", "De l'urgence à la première réponse"),
        _G,
        times=_emergency_first_answer,
    ),
    Figure(
        "records_by_type",
        ("Criminal-record messages, by type", "Messages de casier, par type"),
        _R,
        _each(lambda f: [f.msg_type] if f.msg_type.startswith("CR_") else []),
    ),
    Figure("E-a", ("Orders issued", "Injonctions émises"), _E, _each(_orders)),
    Figure(
        "E-c",
        ("Orders fulfilled and not", "Injonctions exécutées ou non"),
        _E,
        _each(_fulfilled),
    ),
    Figure(
        "E-d",
        ("Orders refused, by ground", "Injonctions refusées, par motif"),
        _E,
        _each(lambda f: f.refusals if _is_order(f) else ()),
    ),
    Figure(
        "E-e",
        ("Order to data obtained", "De l'injonction aux données"),
        _E,
        times=_order_times,
    ),
    Figure(
        "E-h",
        ("Remedies against orders", "Recours contre des injonctions"),
        _E,
        _number(lambda f: f.remedies if _is_order(f) else 0),
    ),
    Figure(
        "E-i",
        ("Validation not granted afterwards", "Validations refusées après coup"),
        _E,
        _number(
            lambda f: f.withdrawals.count("VALIDATION_REFUSED") if _is_order(f) else 0
        ),
    ),
)
