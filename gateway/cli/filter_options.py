"""The options by which commands choose messages; the same for all of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypedDict, cast

import click

from gateway.cli.moments import moment

if TYPE_CHECKING:
    from gateway.admin.shapes import BoxName

_P = ParamSpec("_P")
_MOMENT = "A day or moment, UTC: 2026-11-21T23:05."

_TEXTS = {
    "id": "An id, or how it begins.",
    "peer": "Authority id of the other side.",
    "case": "Id of the case.",
    "type": "Message type, such as MLA_REQ.",
    "urgency": "Such as URGENT.",
    "code": "What the last attempt ended with, or why it is held.",
    "sender-ref": "Reference of the sender.",
    "since": _MOMENT,
    "until": f"Before this. {_MOMENT}",
}


class Chosen(TypedDict):
    """What a person chose messages by, as the API names it."""

    box: "BoxName | None"
    id: str
    state: str
    peer: str
    case: str
    type: str
    urgency: str
    code: str
    sender_ref: str
    since: str
    until: str


def _keep(context: click.Context, option: click.Parameter, value: object) -> None:
    context.meta[_key(option.name or "")] = value


def _key(name: str) -> str:
    return f"{__name__}.{name}"


def chooses_messages(function: Callable[_P, None]) -> Callable[_P, None]:
    """Give a command the options; `chosen_messages` has their values."""
    for name, text in reversed(_TEXTS.items()):
        function = click.option(
            f"--{name}", default="", help=text, expose_value=False, callback=_keep
        )(function)
    function = click.option(
        "--state",
        multiple=True,
        help="Such as queued, delivered, received; may be repeated.",
        expose_value=False,
        callback=_keep,
    )(function)
    return click.option(
        "--box",
        type=click.Choice(("in", "out")),
        help="Received or sent.",
        expose_value=False,
        callback=_keep,
    )(function)


def chosen_messages() -> Chosen:
    """Return what the options of the running command say.

    Raises:
        UsageError: A moment is none.
    """
    meta = click.get_current_context().meta

    def text(name: str) -> str:
        return str(meta.get(_key(name), ""))

    states = cast("tuple[str, ...]", meta.get(_key("state"), ()))
    return Chosen(
        box=cast("BoxName | None", meta.get(_key("box"))),
        id=text("id").lower(),
        state=",".join(states),
        peer=text("peer"),
        case=text("case"),
        type=text("type"),
        urgency=text("urgency").upper(),
        code=text("code"),
        sender_ref=text("sender_ref"),
        since=moment(text("since")),
        until=moment(text("until"), "--until"),
    )
