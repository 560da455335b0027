"""A national declaration: a type of its own, a field of a common one, and a rule."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.canonical import JsonObject
from gateway.mla.envelope_fields import Form
from gateway.mla.national.model import NationalDeclaration, digests_of, types_with
from gateway.mla.national.reading import read_declaration
from gateway.mla.types import use_national
from tests.support.forms import in_form, sample

NAME = "ee-notary"
_SAMPLE = Path(__file__).parents[2] / "config" / "forms" / f"{NAME}.toml"
TEXT = _SAMPLE.read_text(encoding="utf-8")


def declaration(text: str = TEXT, name: str = NAME) -> NationalDeclaration:
    """Return the declaration in a file that is in order."""
    found, problems = read_declaration(name, tomllib.loads(text))
    assert found is not None, problems
    return found


@contextmanager
def in_force(*declarations: NationalDeclaration) -> Iterator[None]:
    """Let this process know declarations for a while."""
    use_national(types_with(declarations), digests_of(declarations))
    try:
        yield
    finally:
        use_national({}, {})


def notary_form() -> JsonObject:
    """Return a form of the type that is declared."""
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    form.pop("personal_data", None)
    payload: JsonObject = {"deeds": [{"number": "2026-17", "kind": "SALE"}]}
    return form | {
        "msg_type": "X_EE_NOTARY",
        "urgency": "ROUTINE",
        "handling": ["TLP:AMBER"],
        "payload": payload,
    }
