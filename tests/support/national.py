"""A national declaration: a type of its own, a field of a common one, and a rule."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.canonical import JsonObject
from gateway.mla.envelope_fields import Form
from gateway.mla.national.model import NationalDeclaration, digests_of, types_with
from gateway.mla.national.reading import read_declaration
from gateway.mla.types import use_national
from tests.support.forms import in_form, sample

NAME = "ee-notary"
TEXT = """\
about = "Extracts from the register of notaries, and their number on requests."

[type]
name = "X_EE_NOTARY"
en = "Notary register extract"
fr = "Extrait du registre notarial"
senders = ["REQ", "RQD"]
opens_case = true
needs_approval = true

[[type.fields]]
name = "deeds"
need = "mandatory"
holds = "1 or more of block Deed"
en = "The deeds asked for"
fr = "Les actes demandés"
et = "Küsitavad tehingud"

[[type.fields]]
name = "reason"
need = "if /urgency is URGENT or EMERGENCY"
holds = "text in languages"
en = "Why it is urgent"
fr = "Motif d'urgence"

[blocks.Deed]

[[blocks.Deed.fields]]
name = "number"
need = "mandatory"
holds = "reference"
en = "Number of the deed"
fr = "Numéro de l'acte"

[[blocks.Deed.fields]]
name = "kind"
need = "mandatory"
holds = "one of SALE, GIFT, WILL"
en = "Kind of deed"
fr = "Type d'acte"

[[add]]
type = "MLA_REQ"
name = "x_ee_register"
holds = "reference"
en = "Number in the register of notaries"
fr = "Numéro au registre des notaires"

[[rules]]
type = "MLA_REQ"
if = "/payload/offences/*/place is other than NOWHERE"
needs = "/payload/costs/estimate"
words = "missing, expected because the register charges a fee"
article = "Fees Act 12(3)"
effect = "overridable"
"""


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
