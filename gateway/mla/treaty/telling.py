"""Demands in words, for people who look them up."""

from gateway.mla.treaty.model import Demand, Mark
from gateway.mla.wording import Language, if_words


def weight_of(demand: Demand) -> str:
    """Return what comes of it if a message does not meet a demand."""
    if demand.where_possible:
        return "advice"
    return "refused" if demand.mark is Mark.VERIFIED else "override with a reason"


def when_asked(demand: Demand, language: Language = Language.ENGLISH) -> str:
    """Return when a demand is made; "always" if it does not depend on anything."""
    if language is Language.FRENCH:
        return _when_asked_fr(demand)
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


def _when_asked_fr(demand: Demand) -> str:
    parts = []
    if demand.types:
        parts.append(f"dans {_or(demand.types, 'ou')}")
    if demand.assist:
        parts.append(f"pour {_or(demand.assist, 'ou')}")
    if demand.exempt:
        parts.append(f"pas pour {_or(demand.exempt, 'ou')} seul")
    if demand.condition is not None:
        parts.append(if_words(demand.condition, Language.FRENCH))
    return ", ".join(parts) or "toujours"


def _or(codes: frozenset[str], word: str = "or") -> str:
    return f" {word} ".join(sorted(codes))
