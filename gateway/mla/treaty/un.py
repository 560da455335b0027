"""Conventions of the United Nations.

Their lists of contents are alike: authority, proceedings, facts (not for service of
documents), what is asked and how, the person where possible, and the purpose.
"""

from gateway.mla.treaty.model import (
    Barred,
    Demand,
    Instrument,
    bank_reasons,
    facts,
    order_copy,
    persons,
    proceedings,
    property_value,
    purpose,
    time_limit,
    transfer_consent,
    what_is_asked,
    who_asks,
)


def _contents(paragraph: str) -> tuple[Demand, ...]:
    """Return the list of contents that stands in a paragraph, points (a) to (f)."""
    return (
        who_asks(f"{paragraph}(a)"),
        proceedings(f"{paragraph}(b)"),
        facts(f"{paragraph}(c)"),
        what_is_asked(f"{paragraph}(d)"),
        persons(f"{paragraph}(e)"),
        purpose(f"{paragraph}(f)"),
    )


UNTOC = Instrument(
    code="UNTOC",
    demands=(
        *_contents("18(15)"),
        time_limit("18(24)"),
        transfer_consent("18(10)(a)"),
        property_value("13(3)(a)"),
        order_copy("13(3)(b)"),
    ),
    barred=(Barred("R07", "18(22)"), Barred("R21", "18(8)")),
    refusal="18(21)-(23)",
    use_limits="18(19)",
    confidentiality="18(20)",
    note="In writing; if urgent orally, and confirmed in writing at once: 18(14).",
)

UNCAC = Instrument(
    code="UNCAC",
    demands=(
        *_contents("46(15)"),
        time_limit("46(24)"),
        transfer_consent("46(10)(a)"),
        property_value("55(3)(a)"),
        order_copy("55(3)(b)"),
    ),
    barred=(Barred("R07", "46(22)"), Barred("R21", "46(8)")),
    refusal="46(21)-(23), 46(9)",
    use_limits="46(19)",
    confidentiality="46(20)",
)

UN1988 = Instrument(
    code="UN1988",
    demands=_contents("7(10)"),
    barred=(Barred("R21", "7(5)"),),
    refusal="7(15)",
    use_limits="7(13)",
    confidentiality="7(14)",
)

UNCYBER = Instrument(
    code="UNCYBER",
    demands=(
        who_asks("40"),
        proceedings("40"),
        facts("40"),
        what_is_asked("40"),
        persons("40"),
        purpose("40"),
    ),
    barred=(Barred("R21", "40"),),
    refusal="40",
    use_limits="40; transfers of data 36",
    confidentiality="40",
    note="Whether it is in force was not checked: your own table has to say so.",
)

# A request that rests on reciprocity alone follows the UN Model Treaty.
RECIPROCITY = Instrument(
    code="RECIPROCITY",
    demands=(
        who_asks("(UN Model Treaty 5(1)(a))"),
        proceedings("(UN Model Treaty 5(1)(a))"),
        purpose("(UN Model Treaty 5(1)(b))"),
        what_is_asked("(UN Model Treaty 5(1)(b))"),
        facts("(UN Model Treaty 5(1)(c))"),
        Demand(
            "(UN Model Treaty 5(1)(c))",
            "the text of the law",
            ("statute_text",),
            each="/payload/offences/*",
            exempt=frozenset({"A10", "A12"}),
        ),
        Demand(
            "(UN Model Treaty 5(1)(d))",
            "the address of the person to be served",
            ("/payload/service/address", "/payload/persons/*/addresses/*"),
            assist=frozenset({"A10"}),
        ),
        Demand(
            "(UN Model Treaty 5(1)(e))",
            "which procedure to follow, and why, where one is wanted",
            ("/payload/special_procedure", "/payload/measures/*/special_procedure"),
            where_possible=True,
            types=frozenset({"HRG_REQ", "TTP_REQ"}),
        ),
        time_limit("(UN Model Treaty 5(1)(f))"),
        bank_reasons("(UN Model Treaty 5(1)(e))"),
        Demand(
            "comity",
            "the assurance of reciprocity",
            ("/payload/assurances",),
        ),
    ),
    barred=(Barred("R21", "(UN Model Treaty 4(2))"),),
    refusal="UN Model Treaty 4",
    use_limits="UN Model Treaty 8",
    confidentiality="UN Model Treaty 9",
)

INSTRUMENTS = (UNTOC, UNCAC, UN1988, UNCYBER, RECIPROCITY)
