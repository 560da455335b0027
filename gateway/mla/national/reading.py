"""Reading a declaration file: everything that is wrong is named by its key.

The file is data. What it may say: one type of its own (`type`), blocks for it
(`blocks`), fields for common types (`add`), rules for messages of our own authority
(`rules`). Every key is in docs/domain.md.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from gateway.core import canonical
from gateway.core.errors import MalformedError
from gateway.core.values import HexDigest
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block, Field, Need, When
from gateway.mla.national.holds import PLAIN_KINDS, condition_of, kind_at, kind_of
from gateway.mla.national.keys import Keys, Reading
from gateway.mla.national.model import NationalDeclaration
from gateway.mla.national.rules import rule_of
from gateway.mla.pages import block_names
from gateway.mla.rules import Rule
from gateway.mla.types import common_types
from gateway.mla.types.model import MessageType, Role
from gateway.mla.versions import NATIONAL_SINCE

NAME_PATTERN: Final = r"[a-z][a-z0-9-]{0,62}"
"""What a declaration may be called: it begins with a country, like `ee-notary`."""

_TYPE_NAME = r"X_[A-Z]{2}_[A-Z0-9_]{1,32}"
_FIELD_NAME = r"[a-z][a-z0-9_]{0,62}"
_ADDED_NAME = r"x_[a-z]{2}_[a-z0-9_]{1,56}"
_NEEDS: Final = {"mandatory": Need.MANDATORY, "optional": Need.OPTIONAL}


def read_declaration(
    name: str, table: Mapping[str, object]
) -> tuple[NationalDeclaration | None, list[tuple[str, str]]]:
    """Return what a file declares, or all that is wrong with it: key and sentence.

    Args:
        name: That of the file, without its suffix.
        table: What stands in it.
    """
    reading = Reading()
    digest = _digest(reading, table)
    keys = Keys(reading, "", table)
    keys.text("about", default="")
    reader = _Reader(name, _blocks(keys))
    declared = reader.own_type(keys.table("type"))
    known = {one.name: one for one in common_types()}
    if declared is not None:
        known[declared.name] = declared
    added = reader.additions(keys.tables("add"), known)
    rules = _rules(keys.tables("rules"), known)
    keys.finish()
    if not (declared or added or rules or reading.problems):
        reading.complain("", "declares nothing, expected type, add or rules")
    if reading.problems or digest is None:
        return None, reading.problems
    declaration = NationalDeclaration(
        name=name, digest=digest, declared=declared, added=added, rules=rules
    )
    return declaration, []


def _digest(reading: Reading, table: Mapping[str, object]) -> HexDigest | None:
    """Return what both sides must agree on as a digest: layout and rules aside."""
    shared = {key: value for key, value in table.items() if key != "rules"}
    try:
        raw = canonical.encode(shared)
    except MalformedError:
        reading.complain("", "holds a date, a fraction or a control character")
        return None
    return HexDigest(hashlib.sha256(raw).hexdigest())


@cache
def common_blocks() -> Mapping[str, Block]:
    """Return the blocks of the common types by the names that their pages use."""
    return {name: block for block, name in block_names(common_types()).items()}


def _blocks(keys: Keys) -> dict[str, Block]:
    """Return all blocks that fields may hold: common ones, and those of the file."""
    blocks = dict(common_blocks())
    own = keys.table("blocks")
    for name, table in own.named_tables() if own else ():
        if name in blocks:
            table.complain("fields", "another block has this name, expected a new one")
        reader = _Reader("", blocks)
        fields = reader.fields(table.tables("fields"), _FIELD_NAME)
        table.finish()
        blocks[name] = Block(name, fields)
    return blocks


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parts of a file.

    Attributes:
        declaration: Name of the file.
        blocks: Those that fields may hold.
    """

    declaration: str
    blocks: Mapping[str, Block]

    def own_type(self, keys: Keys | None) -> MessageType | None:
        """Return the type that the file declares."""
        if keys is None:
            return None
        name = keys.text("name", _TYPE_NAME)
        title_en, title_fr = keys.text("en"), keys.text("fr")
        payload = Block(title_en, self.fields(keys.tables("fields"), _FIELD_NAME))
        if not payload.fields:
            keys.complain("fields", "must be given")
        declared = MessageType(
            name=name,
            title_en=title_en,
            title_fr=title_fr,
            senders=_roles(keys),
            payload=payload,
            opens_case=keys.flag("opens_case", default=False),
            answers=_types(keys, "answers"),
            never_answers=frozenset({name}),
            needs_reply_to=keys.flag("needs_reply_to", default=False),
            needs_approval=keys.flag("needs_approval", default=False),
            needs_receipt=keys.flag("needs_receipt", default=True),
            needs_sender_ref=keys.flag("needs_sender_ref", default=False),
            since=NATIONAL_SINCE,
            declaration=self.declaration,
        )
        keys.finish()
        _check_conditions(keys, declared)
        return declared

    def additions(
        self, tables: list[Keys], known: Mapping[str, MessageType]
    ) -> dict[str, tuple[Field, ...]]:
        """Return the fields that the file adds to common types."""
        added: dict[str, tuple[Field, ...]] = {}
        for keys in tables:
            msg_type = keys.text("type")
            declared = known.get(msg_type)
            if declared is None or declared.declaration:
                keys.complain("type", "expected a common type")
            before = added.get(msg_type, ())
            taken = {field.name for field in before}
            (found,) = self.fields([keys], _ADDED_NAME, is_added=True)
            if found.name in taken:
                keys.complain("name", "stands there twice")
            added[msg_type] = (*before, found)
        return added

    def fields(
        self, tables: list[Keys], name_pattern: str, *, is_added: bool = False
    ) -> tuple[Field, ...]:
        """Return the fields that some tables declare."""
        names: set[str] = set()
        found = []
        for keys in tables:
            field = self._field(keys, name_pattern, is_added=is_added)
            if field.name in names:
                keys.complain("name", "stands there twice")
            names.add(field.name)
            found.append(field)
        return tuple(found)

    def _field(self, keys: Keys, name_pattern: str, *, is_added: bool) -> Field:
        name = keys.text("name", name_pattern)
        kind = PLAIN_KINDS["line"]
        try:
            kind = (
                kind_of(words, self.blocks) if (words := keys.text("holds")) else kind
            )
        except ValueError as error:
            keys.complain("holds", str(error))
        need, condition = (Need.OPTIONAL, None) if is_added else _need(keys)
        field = Field(
            name=name,
            kind=kind,
            need=need,
            help_en=keys.text("en"),
            help_fr=keys.text("fr"),
            condition=condition,
            further_help=keys.further_texts(),
        )
        keys.finish()
        if is_added:
            return replace(field, since=NATIONAL_SINCE, declaration=self.declaration)
        return field


def _need(keys: Keys) -> tuple[Need, When | None]:
    words = keys.text("need")
    if words in _NEEDS or not words:
        return _NEEDS.get(words, Need.OPTIONAL), None
    if not words.startswith("if "):
        keys.complain("need", "expected mandatory, optional, or if and a condition")
        return Need.OPTIONAL, None
    try:
        return Need.CONDITIONAL, condition_of(words.removeprefix("if "))
    except ValueError as error:
        keys.complain("need", str(error))
        return Need.OPTIONAL, None


def _roles(keys: Keys) -> frozenset[Role]:
    named = keys.texts("senders")
    known = {role.value for role in Role}
    if not named or not set(named) <= known:
        keys.complain("senders", f"expected some of {', '.join(sorted(known))}")
        return frozenset()
    return frozenset(map(Role, named))


def _types(keys: Keys, name: str) -> frozenset[str]:
    named = keys.texts(name)
    known = {one.name for one in common_types()}
    if not set(named) <= known:
        keys.complain(name, "expected names of common types")
    return frozenset(named)


def _check_conditions(keys: Keys, declared: MessageType) -> None:
    """Complain of conditions about places that a message of the type has not."""
    block = message_block(declared, Form.COMPLETE)
    for number, field in enumerate(declared.payload.fields):
        condition = field.condition
        if condition is None:
            continue
        start = block if condition.path.startswith("/") else declared.payload
        if kind_at(start, condition.path) is None:
            place = f"fields[{number}].need"
            keys.complain(place, f"{condition.path}: no such place in the message")


def _rules(
    tables: list[Keys], known: Mapping[str, MessageType]
) -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for keys in tables:
        msg_type = keys.text("type")
        declared = known.get(msg_type)
        if declared is None:
            keys.complain("type", "no such type of message")
            continue
        rule = rule_of(keys, message_block(declared, Form.COMPLETE))
        found[msg_type] = (*found.get(msg_type, ()), rule)
    return found
