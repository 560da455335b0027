"""The pages about messages for people, written from the declarations as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.mla.codelists import CodeList, code_list, code_list_names
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import (
    Block,
    Code,
    Either,
    Field,
    Giver,
    Kind,
    ListOf,
    Need,
    fields_below,
)
from gateway.mla.rules import EVERY_MESSAGE, Rule
from gateway.mla.types.model import ANY_ROLE, MessageType, Role
from gateway.mla.wording import Language, condition_words

_NEEDS = {
    Need.MANDATORY: "mandatory",
    Need.OPTIONAL: "optional",
    Need.CONDITIONAL: "conditional",
}
_SIDES = {
    Role.REQUESTING: "the requesting side",
    Role.REQUESTED: "the requested side",
    Role.INFORMING: "who informs of their own accord",
}
_WRITTEN = (
    "Written from the declarations by `make schemas`; change those, not this page."
)


def pages_of(types: Sequence[MessageType]) -> dict[str, str]:
    """Return the text of every page, by file name."""
    names = block_names(types)
    pages = {"README.md": _index(types)}
    for declared in types:
        pages[f"{declared.name}.md"] = _type_page(declared, names)
    pages["blocks.md"] = _blocks_page(names)
    pages["code-lists.md"] = _code_lists_page()
    return {name: text.rstrip("\n") + "\n" for name, text in pages.items()}


def block_names(types: Iterable[MessageType]) -> dict[Block, str]:
    """Return a name of its own for every block below the messages' own level."""
    names: dict[Block, str] = {}
    for declared in types:
        whole = message_block(declared, Form.COMPLETE)
        for _, field in fields_below(whole):
            block = _block_in(field.kind)
            if block is None or block is declared.payload or block in names:
                continue
            number, name = 1, block.name
            while name in names.values():
                number += 1
                name = f"{block.name} ({number})"
            names[block] = name
    return names


# --- pages ---


def _index(types: Sequence[MessageType]) -> str:
    rows = [
        f"| [`{one.name}`]({one.name}.md) | {one.title_en} | {one.title_fr} "
        f"| {_senders(one)} | {'yes' if one.opens_case else ''} |"
        for one in types
    ]
    return "\n".join(
        [
            "# Message types",
            "",
            _WRITTEN,
            "What they have in common is in [domain.md](../domain.md).",
            "JSON Schemas: [as an author writes](../schemas/author.json),",
            "[as sent and received](../schemas/complete.json).",
            "",
            "Shared: [blocks](blocks.md), [code lists](code-lists.md).",
            "",
            "| type | what it is | ce que c'est | sent by | opens a case |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def _type_page(declared: MessageType, names: dict[Block, str]) -> str:
    about = ", ".join([f"Sent by {_senders(declared)}", *_facts(declared)])
    return "\n".join(
        [
            f"# `{declared.name}` {declared.title_en}",
            "",
            f"{declared.title_fr}. {_WRITTEN}",
            "",
            f"{about}.",
            "",
            "## Payload",
            "",
            *_table(declared.payload.fields, names),
            "",
            "## Rules",
            "",
            *_rules((*EVERY_MESSAGE, *declared.rules)),
        ]
    )


def _blocks_page(names: dict[Block, str]) -> str:
    lines = ["# Blocks", "", f"Objects that fields of messages hold. {_WRITTEN}"]
    for block, name in names.items():
        lines += ["", f"## {name}", "", *_table(block.fields, names)]
    return "\n".join(lines)


def _code_lists_page() -> str:
    lines = [
        "# Code lists",
        "",
        f"Short paraphrases; the official text rules. {_WRITTEN}",
    ]
    for name in code_list_names():
        codes = code_list(name)
        lines += ["", f"## {name}", "", f"{codes.title}.", ""]
        lines += ["| code | stands for | in French |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {_told_code(codes, code)} "
            f"| {_cell(codes.label(code, 'fr'))} |"
            for code in codes.rows
        ]
    return "\n".join(lines)


# --- pieces ---


def _told_code(codes: CodeList, code: str) -> str:
    days = codes.days_of(code)
    return _cell(codes.label(code) + (f" (messages made {days})" if days else ""))


def _senders(declared: MessageType) -> str:
    if declared.senders == ANY_ROLE:
        return "either side"
    return " or ".join(_SIDES[role] for role in Role if role in declared.senders)


def _facts(declared: MessageType) -> Iterator[str]:
    answers = sorted(declared.answers)
    told = {
        "opens a case": declared.opens_case,
        "the case need not be known": not declared.needs_case,
        "names the message it answers": declared.needs_reply_to,
        f"answers {_codes(answers)}": answers,
        f"never answers {_codes(sorted(declared.never_answers))}": (
            declared.never_answers
        ),
        "needs an approval": declared.needs_approval,
        "needs the sender's file number": declared.needs_sender_ref,
        f"may lack {_codes(sorted(declared.without))}": declared.without,
        "asks for a receipt": declared.needs_receipt,
        "asks for no receipt": not declared.needs_receipt,
    }
    return (words for words, is_so in told.items() if is_so)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(fields: Iterable[Field], names: dict[Block, str]) -> Iterator[str]:
    yield "| field | need | holds | meaning | sens |"
    yield "|---|---|---|---|---|"
    for field in fields:
        holds = _holds(field.kind, names)
        if field.condition is not None:
            holds += f"; {_cell(condition_words(field.condition, Language.ENGLISH))}"
        if field.giver is Giver.NODE:
            holds += "; the node adds it"
        yield (
            f"| `{field.name}` | {_NEEDS[field.need]} | {holds} "
            f"| {_cell(field.help_en)} | {_cell(field.help_fr)} |"
        )


def _holds(kind: Kind, names: dict[Block, str]) -> str:
    match kind:
        case ListOf():
            least = f"{kind.least} or more of " if kind.least else "list of "
            return least + _holds(kind.item, names)
        case Block():
            return f"[{names[kind]}](blocks.md#{_anchor(names[kind])})"
        case Either():
            return f"{_cell(kind.text.words)} or {_holds(kind.block, names)}"
        case Code() if not kind.only:
            name = f"[{kind.list_name}](code-lists.md#{_anchor(kind.list_name)})"
            never = f" other than {', '.join(kind.never)}" if kind.never else ""
            return f"code of {name}{never}"
        case _:
            return _cell(kind.words)


def _rules(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| rule | code | effect |"
    yield "|---|---|---|"
    for rule in rules:
        effect = "blocks" if rule.blocking else "advice"
        yield f"| {_cell(rule.words)} | `{rule.code.value}` | {effect} |"


def _block_in(kind: Kind) -> Block | None:
    match kind:
        case ListOf():
            return _block_in(kind.item)
        case Either():
            return kind.block
        case Block():
            return kind
        case _:
            return None


def _cell(text: str) -> str:
    """Return text as a cell of a table holds it."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("\n", " ")


def _anchor(heading: str) -> str:
    """Return the anchor that a heading gets on the usual hosts."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in "_- ")
    return kept.replace(" ", "-")
