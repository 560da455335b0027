"""Demands in words, for people who look them up."""

from gateway.mla.treaty.model import Demand, Mark


def weight_of(demand: Demand) -> str:
    """Return what comes of it if a message does not meet a demand."""
    if demand.where_possible:
        return "advice"
    return "refused" if demand.mark is Mark.VERIFIED else "override with a reason"


def when_asked(demand: Demand) -> str:
    """Return when a demand is made; "always" if it does not depend on anything."""
    parts = []
    if demand.types:
        parts.append(f"in {_or(demand.types)}")
    if demand.assist:
        parts.append(f"for {_or(demand.assist)}")
    if demand.exempt:
        parts.append(f"not for {_or(demand.exempt)} alone")
    if demand.condition is not None:
        parts.append(f"if {demand.condition.words}")
    return ", ".join(parts) or "always"


def _or(codes: frozenset[str]) -> str:
    return " or ".join(sorted(codes))
