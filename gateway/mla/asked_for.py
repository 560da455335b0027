"""Which provisions ask for a field of a form, for who begins to write one."""

from collections.abc import Iterable

from gateway.mla.treaty.contents import duties
from gateway.mla.treaty.model import Demand
from gateway.mla.treaty.telling import when_asked
from gateway.mla.wording import Language


def articles_by_field(
    msg_type: str,
    instruments: Iterable[str],
    language: Language = Language.ENGLISH,
) -> dict[str, tuple[str, ...]]:
    """Return the provisions that ask for each field, by its path.

    Args:
        msg_type: A type of message.
        instruments: Codes of the legal basis.
        language: In which it is said when they ask.
    """
    found: dict[str, list[str]] = {}
    for code in instruments:
        for duty in duties(msg_type, code):
            told = _told(duty.article, duty.demand, language)
            for path in _paths(duty.demand):
                listed = found.setdefault(path, [])
                if told not in listed:
                    listed.append(told)
    return {path: tuple(listed) for path, listed in found.items()}


def _told(article: str, demand: Demand, language: Language) -> str:
    """Return a provision, and when it asks if it does not always."""
    when = when_asked(demand, language)
    return article if when in {"always", "toujours"} else f"{article} ({when})"


def _paths(demand: Demand) -> list[str]:
    """Return the fields that meet a demand; a list is filled by its items."""
    above = f"{demand.each}/" if demand.each else ""
    return [f"{above}{path}".removesuffix("/*") for path in demand.fields]
