"""Whether a message can be read by whom it goes to, and what is owed if not.

Language tags are those of RFC 5646. Two of them are taken for the same where a reader
of one reads the other: region and variant do not matter, the script does where both
name one, and a few tags are other names of the same language.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    select,
    text_at,
    texts_at,
)

OWED_FIELD: Final = "translations_owed"
"""Field of the node: the languages into one of which a translation is owed."""

MAX_OWED_LANGUAGES: Final = 32

_SCRIPT_CHARS = 4
# Withdrawn tags, and the two written forms of one language.
_SAME: Final = {
    "in": "id",
    "iw": "he",
    "ji": "yi",
    "mo": "ro",
    "nb": "no",
    "nn": "no",
}


def is_understood(tag: str, accepted: Iterable[str]) -> bool:
    """Tell whether a reader of the accepted languages reads a text with this tag."""
    return any(_are_alike(_parts(tag), _parts(one)) for one in accepted)


def _parts(tag: str) -> tuple[str, str]:
    """Return language and script of a tag, the script empty if it names none."""
    language, *rest = tag.lower().split("-")
    script = next((s for s in rest if len(s) == _SCRIPT_CHARS and s.isalpha()), "")
    return _SAME.get(language, language), script


def _are_alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    scripts_agree = not one[1] or not other[1] or one[1] == other[1]
    return one[0] == other[0] and scripts_agree


def is_readable(document: JsonObject, accepted: Sequence[str]) -> bool:
    """Tell whether a message is in an accepted language, or brings a translation.

    Args:
        document: Any message, or its docket entry.
        accepted: The languages; none are all.
    """
    language = text_at(document, "/language") or ""
    return (
        not accepted
        or is_understood(language, accepted)
        or _has_translation(document, accepted)
        or _all_texts_are_in(document.get("payload", {}), accepted)
    )


def has_texts(document: JsonObject) -> bool:
    """Tell whether a message holds anything that could be translated."""
    return any(True for _ in _texts(document.get("payload", {})))


def _has_translation(document: JsonObject, accepted: Sequence[str]) -> bool:
    """Tell whether a translation comes with a message, as a whole or as an item."""
    rows = texts_at(document, "/payload/translations/*/lang")
    items = {
        text_at(found.value, "language") or ""
        for found in select(document, "/payload/manifest/*")
        if text_at(found.value, "translation_of")
    }
    return any(is_understood(tag, accepted) for tag in rows | items if tag)


def _all_texts_are_in(payload: JsonValue, accepted: Sequence[str]) -> bool:
    texts = list(_texts(payload))
    return bool(texts) and all(
        any(is_understood(tag, accepted) for tag in tags) for tags in texts
    )


def _texts(value: JsonValue) -> Iterator[list[str]]:
    """Yield, for each text in one or more languages, the tags that it is given in."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        tags = [
            tag
            for item in value
            if isinstance(item, dict) and isinstance(item.get("text"), str)
            for tag in (item.get("lang"),)
            if isinstance(tag, str)
        ]
        if tags:
            yield tags
        else:
            for item in value:
                yield from _texts(item)


def owed_languages(document: JsonObject, accepted: Sequence[str]) -> tuple[str, ...]:
    """Return the languages into one of which a translation is owed; usually none.

    An emergency does not wait for a translator: the request goes out as it is, and the
    translation follows.
    """
    is_emergency = text_at(document, "/urgency") == "EMERGENCY"
    if not is_emergency or not has_texts(document) or is_readable(document, accepted):
        return ()
    return tuple(accepted[:MAX_OWED_LANGUAGES])


def language_problems(
    document: JsonObject,
    accepted: Sequence[str],
    *,
    whose: str,
    is_published: bool,
) -> Iterator[Problem]:
    """Yield what stands in the way of a message being read.

    Args:
        document: The message.
        accepted: Languages of the addressee, the preferred one first.
        whose: Who accepts them, in words.
        is_published: Whether the addressee says so itself. What only our own table
            says of it may be overridden.
    """
    if not has_texts(document) or is_readable(document, accepted):
        return
    if owed_languages(document, accepted):
        yield Problem(
            "/language",
            ProblemCode.LANG,
            f"language: not accepted by {whose}; being an emergency it goes out, and a "
            f"translation into {_one_of(accepted)} is owed",
            blocking=False,
        )
        return
    yield Problem(
        "/language",
        ProblemCode.LANG,
        f"language: not accepted by {whose}, expected {_one_of(accepted)} or a "
        "translation attached",
        is_overridable=not is_published,
    )


def _one_of(languages: Sequence[str]) -> str:
    return " or ".join(languages)


# --- what is owed in a case ---


@dataclass(frozen=True, slots=True)
class OwedTranslation:
    """A translation that has not followed yet.

    Attributes:
        msg_id: The message that went out without it.
        languages: Into one of which it is owed.
        by_us: Whether we owe it; else the other side does.
        since: When the message was sent, as it says; empty if it does not.
    """

    msg_id: str
    languages: tuple[str, ...]
    by_us: bool
    since: str = ""


def translations_owed(
    entries: Iterable[tuple[bool, JsonObject]],
) -> list[OwedTranslation]:
    """Return the translations that are still owed in a case.

    A translation is there once its side has sent one: named among `translations`, as an
    item that translates another, or as an amendment in an accepted language.

    Args:
        entries: Whether it is ours, and the message or its docket entry, oldest first.
    """
    owed: list[OwedTranslation] = []
    for is_ours, entry in entries:
        owed = [
            one
            for one in owed
            if one.by_us is not is_ours or not _settles(entry, one.languages)
        ]
        languages = tuple(
            tag
            for found in select(entry, f"/{OWED_FIELD}/*")
            if isinstance(tag := found.value, str)
        )
        if languages:
            owed.append(
                OwedTranslation(
                    text_at(entry, "/msg_id") or "",
                    languages,
                    is_ours,
                    text_at(entry, "/sent_at") or "",
                )
            )
    return owed


def _settles(entry: JsonObject, languages: Sequence[str]) -> bool:
    if _has_translation(entry, languages):
        return True
    is_amendment = text_at(entry, "/msg_type") == "AMD"
    return is_amendment and is_understood(text_at(entry, "/language") or "", languages)
