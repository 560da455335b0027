"""Whether two sides understand a message: versions in common, national declarations.

Asked before anything is logged: a message that the addressee could not read is refused
to its author (specification, section 12).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.core.errors import VersionError
from gateway.core.values import HexDigest
from gateway.mla.fields import Field
from gateway.mla.problems import Problem, ProblemCode, child, text_at
from gateway.mla.types import declaration_digests, message_type
from gateway.mla.versions import (
    CODE_LIST_VERSIONS,
    NATIONAL_SINCE,
    SCHEMA_VERSIONS,
    highest_common,
    includes,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a side speaks, as its card says.

    Attributes:
        messages: Versions of messages.
        code_lists: Versions of the code lists.
        national: Digest of each national declaration it has, by name.
    """

    messages: tuple[str, ...]
    code_lists: tuple[str, ...]
    national: Mapping[str, str]


def common_version(theirs: Spoken) -> str:
    """Return the highest version of messages that we and the other side speak.

    Raises:
        VersionError: There is none, or no version of the code lists in common.
    """
    version = highest_common(SCHEMA_VERSIONS, theirs.messages)
    if version is None:
        raise _nothing_common("messages", SCHEMA_VERSIONS, theirs.messages)
    if highest_common(CODE_LIST_VERSIONS, theirs.code_lists) is None:
        raise _nothing_common("code lists", CODE_LIST_VERSIONS, theirs.code_lists)
    return version


def declarations_of(document: JsonObject) -> tuple[tuple[str, HexDigest], ...]:
    """Return name and digest of each national declaration that a form needs, sorted."""
    known = declaration_digests()
    if not known:
        return ()
    names = {field.declaration for _, field in _present(document)}
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is not None:
        names.add(declared.declaration)
    return tuple((name, HexDigest(known[name])) for name in sorted(names - {""}))


def not_spoken(document: JsonObject, theirs: Spoken) -> list[Problem]:
    """Return what the other side would not understand of a form.

    Args:
        document: A form that is valid here; fields of the node in it do not matter.
        theirs: What the other side speaks; there is a version in common.
    """
    return list(_not_spoken(document, theirs))


def _not_spoken(document: JsonObject, theirs: Spoken) -> Iterator[Problem]:
    version = common_version(theirs)
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is None:
        return
    reason = _why_not(declared.since, declared.declaration, version, theirs)
    if reason:
        sentence = f"msg_type: {reason}"
        yield Problem("/msg_type", ProblemCode.SCHEMA, sentence)
        return
    for pointer, field in _present(document):
        reason = _why_not(field.since, field.declaration, version, theirs)
        if reason:
            sentence = f"{field.name}: {reason}"
            yield Problem(pointer, ProblemCode.SCHEMA, sentence)


def _why_not(since: str, declaration: str, version: str, theirs: Spoken) -> str:
    """Return why the other side does not understand something; empty if it does."""
    if declaration:
        ours = declaration_digests().get(declaration)
        has_it = includes(version, NATIONAL_SINCE) and (
            theirs.national.get(declaration) == ours
        )
        found = f"of the national declaration {declaration}"
        return "" if has_it else f"{found}, expected one that the addressee has too"
    if includes(version, since):
        return ""
    return f"of version {since}, expected what version {version} has"


def _present(document: JsonObject) -> Iterator[tuple[str, Field]]:
    """Yield the fields of a form and of its payload that are more than version 1.0."""
    declared = message_type(text_at(document, "/msg_type") or "")
    payload = document.get("payload")
    if declared is None or not isinstance(payload, dict):
        return
    for field in declared.payload.fields:
        is_later = field.declaration or field.since != SCHEMA_VERSIONS[0]
        if is_later and field.name in payload:
            yield child("/payload", field.name), field


def _nothing_common(
    what: str, ours: tuple[str, ...], theirs: tuple[str, ...]
) -> VersionError:
    return VersionError(
        f"version: the addressee speaks {what} {', '.join(theirs)}, this node "
        f"{', '.join(ours)}; one of the two must be upgraded"
    )
