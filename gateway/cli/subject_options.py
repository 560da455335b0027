"""The options that say whom to look for."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ParamSpec

import click

if TYPE_CHECKING:
    from gateway.admin.lifecycle_shapes import Subject

_P = ParamSpec("_P")

_OPTIONS = {
    "surname": "Surname, also a former one.",
    "forenames": "Forenames.",
    "name": "Another name as a whole, or that of a legal person.",
    "born": "Birth date: a day, month or year.",
    "document": "Number of an identity document.",
    "national-no": "Number in a register of people or companies.",
    "account": "IBAN, card or wallet.",
    "phone": "Telephone.",
    "email": "E-mail address.",
    "online": "Another identifier of a service or device.",
}


def subject_options(function: Callable[_P, None]) -> Callable[_P, None]:
    """Give a command the options that say whom to look for."""
    for name, text in reversed(_OPTIONS.items()):
        function = click.option(f"--{name}", default="", help=text)(function)
    return function


def subject_of(given: Mapping[str, str]) -> "Subject":
    """Return whom the options name."""
    from gateway.admin.lifecycle_shapes import Subject

    names = [name.replace("-", "_") for name in _OPTIONS]
    return Subject(**{name: given[name] for name in names})
