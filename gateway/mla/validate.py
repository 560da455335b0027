"""Whether a message document is what its type asks for.

Called for a form as its author wrote it and for a message as it arrived
(specification, section 12).
"""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import InvalidFormError
from gateway.mla.checking import Place, check_value
from gateway.mla.code_dates import outdated_codes
from gateway.mla.envelope_fields import (
    NODE_FIELD_NAMES,
    Form,
    message_block,
    node_block,
)
from gateway.mla.fields import Block, Kind
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    bounded,
    last_step,
    select,
    text_at,
)
from gateway.mla.rules import EVERY_MESSAGE
from gateway.mla.types import all_types, declaration_digests, message_type
from gateway.mla.types.model import MessageType
from gateway.mla.versions import SCHEMA_VERSIONS, includes


def validate(document: JsonObject, *, form: Form = Form.COMPLETE) -> list[Problem]:
    """Return everything that is wrong with a document, in its fields' order.

    Args:
        document: The document; any JSON object, nothing is raised.
        form: Whether the node has added its fields. If not, any of them that the
            author gave are passed over.

    Returns:
        At most `MAX_FORM_PROBLEMS` problems of each weight (see `bounded`).
    """
    return bounded(_problems(document, form))


def blocking(problems: list[Problem]) -> list[Problem]:
    """Return those problems that forbid sending the form, at least without a reason."""
    return [problem for problem in problems if problem.blocking]


def refusing(problems: list[Problem]) -> list[Problem]:
    """Return those problems that forbid using the form whatever reason is given.

    On receipt only they count: what a sender may override for a reason is its own
    business, and advice to the people who receive it.
    """
    return [problem for problem in problems if problem.refuses]


def check(document: JsonObject, *, form: Form = Form.COMPLETE) -> list[Problem]:
    """Return the advice on a document that may be used.

    Raises:
        InvalidFormError: It may not; the error carries every problem.
    """
    return _usable(validate(document, form=form))


def check_completed(document: JsonObject) -> None:
    """Check what the node added to a form that passed `check` as its author's.

    Nothing else can be wrong now but codes that are not valid on the day which the
    node added: neither the other fields nor the rules between them look at that.

    Raises:
        InvalidFormError: The message must not be sent; carries every problem.
    """
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is not None:
        _usable(bounded(_problems_of_node(document, declared)))


def _usable(problems: list[Problem]) -> list[Problem]:
    count = len(blocking(problems))
    if count:
        raise InvalidFormError(
            f"form: {count} problem{'s' * (count > 1)}, expected none",
            problems=problems,
        )
    return problems


def _problems(document: JsonObject, form: Form) -> Iterator[Problem]:
    is_complete = form is Form.COMPLETE
    version = _version_of(document) if is_complete else SCHEMA_VERSIONS[-1]
    if version is None:
        expected = " or ".join(SCHEMA_VERSIONS)
        sentence = f"schema_version: not one that is spoken here, expected {expected}"
        yield Problem("/schema_version", ProblemCode.CODE, sentence)
        return
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is None or not includes(version, declared.since):
        yield _unknown_type(version)
        return
    if not is_complete:
        document = {k: v for k, v in document.items() if k not in NODE_FIELD_NAMES}
    place = Place(document, node_has_added=is_complete)
    block = message_block(declared, form, version)
    yield from check_value(document, block, place)
    yield from outdated_codes(document, block)
    for rule in (*EVERY_MESSAGE, *declared.rules):
        if not (is_complete and rule.is_local):
            yield from rule.problems(document)
    yield from _role_problem(document, declared)
    yield from _unknown_declarations(document)


def _version_of(document: JsonObject) -> str | None:
    """Return the version to judge a document by; None if it names another.

    One that names none is judged by the newest, and told that it lacks the name.
    """
    named = text_at(document, "/schema_version")
    if named is None:
        return SCHEMA_VERSIONS[-1]
    return named if named in SCHEMA_VERSIONS else None


def _unknown_type(version: str) -> Problem:
    names = ", ".join(one.name for one in all_types() if includes(version, one.since))
    sentence = f"msg_type: not a type of this version, expected one of {names}"
    return Problem("/msg_type", ProblemCode.CODE, sentence)


def _unknown_declarations(document: JsonObject) -> Iterator[Problem]:
    """Yield a problem for each national declaration that is not known as it is."""
    known = declaration_digests()
    for pointer, value in select(document, "/national/*"):
        if known.get(text_at(value, "name") or "") != text_at(value, "digest"):
            found = (
                "a national declaration that is unknown here, or another of its name"
            )
            sentence = (
                f"{last_step(pointer)}: {found}, expected one that both sides have"
            )
            yield Problem(pointer, ProblemCode.SCHEMA, sentence)


def _problems_of_node(document: JsonObject, declared: MessageType) -> Iterator[Problem]:
    block = node_block(declared)
    place = Place(document, node_has_added=True)
    yield from check_value(_declared_part(document, block), block, place)
    yield from outdated_codes(document, message_block(declared, Form.COMPLETE))
    yield from _role_problem(document, declared)


def _declared_part(value: JsonValue, kind: Kind) -> JsonValue:
    """Return a block without the fields that are not declared, here or below."""
    if not isinstance(kind, Block) or not isinstance(value, dict):
        return value
    return {
        field.name: _declared_part(value[field.name], field.kind)
        for field in kind.fields
        if field.name in value
    }


def _role_problem(document: JsonObject, declared: MessageType) -> Iterator[Problem]:
    role = text_at(document, "/from/role")
    if role is not None and role not in declared.senders:
        expected = " or ".join(sorted(declared.senders))
        sentence = f"role: may not send {declared.name}, expected {expected}"
        yield Problem("/from/role", ProblemCode.ROLE, sentence)
