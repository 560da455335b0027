"""Where the authority's own treaty table and what a peer publishes contradict."""

from gateway.mla.treaty.country import CountryEntry
from gateway.mla.treaty.languages import is_understood
from gateway.mla.treaty.services import ServiceProfile


def conflicts(
    whose: str, entry: CountryEntry | None, profile: ServiceProfile | None
) -> list[str]:
    """Return a sentence for each contradiction; none if either says nothing.

    Args:
        whose: The authority that publishes the profile.
        entry: What our table says of its country.
        profile: What it says of itself.
    """
    if entry is None or profile is None:
        return []
    found = []
    if _differ_in_language(entry.languages, profile.languages):
        found.append(
            f"languages: your treaty table says {_list(entry.languages)} for "
            f"{entry.country}, {whose} publishes {_list(profile.languages)}",
        )
    if (
        entry.channels
        and profile.channels
        and set(entry.channels) != set(profile.channels)
    ):
        found.append(
            f"channels: your treaty table says {_list(entry.channels)} for "
            f"{entry.country}, {whose} publishes {_list(profile.channels)}",
        )
    return found


def _differ_in_language(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    if not ours or not theirs:
        return False
    return not (
        all(is_understood(one, theirs) for one in ours)
        and all(is_understood(one, ours) for one in theirs)
    )


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words)
