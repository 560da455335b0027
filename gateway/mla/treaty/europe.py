"""Conventions of the Council of Europe."""

from dataclasses import replace

from gateway.mla.fields import When
from gateway.mla.treaty.model import (
    Barred,
    Demand,
    Instrument,
    Mark,
    emergency_shown,
    facts,
    hearing_authority,
    law,
    marked,
    offences,
    order_copy,
    person_to_serve,
    persons,
    proceedings,
    property_value,
    purpose,
    transfer_consent,
    transfer_return,
    video_reason,
    what_is_asked,
    who_asks,
)

_PRESERVATION = frozenset({"PRS_REQ"})

_ETS30 = (
    who_asks("14(1)(a)"),
    what_is_asked("14(1)(b)"),
    proceedings("14(1)(b)"),
    purpose("14(1)(b)"),
    persons("14(1)(c)"),
    person_to_serve("14(1)(d)"),
    offences("14(2)"),
    facts("14(2)"),
    transfer_consent("11(1)(a)"),
)

AS_ETS30 = tuple(
    replace(demand, article=f"(ETS 30 {demand.article})") for demand in _ETS30
)
"""The same list, for the protocols and the EU convention that refer to it."""

COE1959 = Instrument(
    code="COE1959",
    demands=_ETS30,
    refusal="2, 19",
    use_limits="ETS 182 26",
    confidentiality="ETS 182 25",
    note="Letters rogatory go from ministry to ministry unless a protocol or a "
    "declaration says otherwise: 15.",
)

COE1978 = Instrument(
    code="COE1978",
    demands=AS_ETS30,
    barred=(Barred("R07", "1"),),
    refusal="as ETS 30, without the fiscal ground",
    use_limits="as ETS 30",
)

COE2001 = Instrument(
    code="COE2001",
    demands=(
        *AS_ETS30,
        video_reason("9(3)"),
        hearing_authority("9(3)"),
        transfer_return("13(2)"),
    ),
    refusal="as ETS 30",
    use_limits="26",
    confidentiality="25",
)

COE198 = Instrument(
    code="COE198",
    demands=(
        who_asks("37(1)(a)"),
        what_is_asked("37(1)(b)"),
        proceedings("37(1)(b)"),
        facts("37(1)(c)"),
        law("37(1)(e)"),
        persons("37(1)(f)"),
        property_value("37(2)"),
        order_copy("37(3)"),
    ),
    barred=(Barred("R21", "28(7)"),),
    refusal="28",
    use_limits="32",
    confidentiality="33",
)

COE1957 = Instrument(
    code="COE1957",
    demands=(
        Demand(
            "16(2)",
            "the warrant or judgment",
            ("/payload/arrest/warrant",),
            assist=frozenset({"A70"}),
        ),
        Demand(
            "16(2)",
            "the statement that extradition will be requested",
            ("/payload/arrest/extradition_will_follow",),
            assist=frozenset({"A70"}),
        ),
        offences("16(2)"),
        Demand(
            "16(2)",
            "when the offence was committed",
            ("from",),
            each="/payload/offences/*",
            assist=frozenset({"A70"}),
        ),
        Demand(
            "16(2)",
            "where the offence was committed",
            ("place",),
            each="/payload/offences/*",
            assist=frozenset({"A70"}),
        ),
        Demand(
            "16(2)",
            "the description of the person",
            ("/payload/arrest/description",),
            assist=frozenset({"A70"}),
        ),
    ),
    refusal="3-11",
    use_limits="14 (speciality)",
)

BUDAPEST = Instrument(
    code="BUDAPEST",
    demands=(
        *marked(
            Mark.VERIFIED,
            Demand(
                "29(2)(a)",
                "the authority that seeks the preservation",
                ("/payload/requesting_authority",),
                types=_PRESERVATION,
            ),
            Demand(
                "29(2)(b)",
                "the offence",
                ("/payload/offences/*",),
                types=_PRESERVATION,
            ),
            Demand(
                "29(2)(b)",
                "a short summary of the facts",
                ("/payload/facts",),
                types=_PRESERVATION,
            ),
            Demand(
                "29(2)(c)",
                "the data to be preserved and how they relate to the offence",
                ("/payload/data_cats/*", "/payload/identifiers/*"),
                types=_PRESERVATION,
            ),
            Demand(
                "29(2)(e)",
                "why preservation is needed",
                ("/payload/necessity",),
                types=_PRESERVATION,
            ),
            Demand(
                "29(2)(f)",
                "which request will follow",
                ("/payload/followup_intended",),
                types=_PRESERVATION,
            ),
        ),
        Demand(
            "29(2)(d)",
            "the custodian or the place of the system, where they are known",
            ("/payload/custodian", "/payload/system_location"),
            types=_PRESERVATION,
            where_possible=True,
        ),
        who_asks("25(4), 27"),
        proceedings("25(4), 27"),
        facts("25(4), 27"),
        offences("25(4), 27"),
        purpose("28"),
    ),
    refusal="25(4), 27(4); of preservation 29(5)",
    use_limits="28",
    confidentiality="27(8)",
    note="A preserved item is kept for 60 days at least, to let a request follow: "
    "29(7).",
)

_DATA_IN_DETAIL = ("data_cats/*", "identifiers/*")

BUDAPEST_2AP = Instrument(
    code="BUDAPEST_2AP",
    demands=(
        Demand(
            "6(3)",
            "the domain name",
            ("identifiers/*",),
            each="/payload/measures/*",
            assist=frozenset({"A48"}),
        ),
        Demand(
            "6(3)",
            "why the data are relevant and what they will be used for",
            ("/payload/necessity",),
            assist=frozenset({"A48"}),
        ),
        who_asks("7(3), 8(3)"),
        offences("7(3), 8(3)"),
        Demand(
            "7(3), 8(3)",
            "the data in detail",
            _DATA_IN_DETAIL,
            each="/payload/measures/*",
            assist=frozenset({"A42", "A44"}),
        ),
        facts("8(3)"),
        Demand(
            "7(4), 8(3)",
            "the penalty for the offence",
            ("max_penalty_months",),
            each="/payload/offences/*",
            assist=frozenset({"A42", "A44"}),
        ),
        emergency_shown("9(3)", "A49"),
        video_reason("11"),
        hearing_authority("11"),
        Demand(
            "10(2)",
            "the facts that show the emergency, and how the data help",
            ("/payload/emergency",),
            condition=When("/urgency", ("EMERGENCY",)),
        ),
    ),
    refusal="8(8), 9(5)-(6)",
    use_limits="14",
    note="Whether it is in force was not checked: your own table has to say so.",
)

INSTRUMENTS = (COE1959, COE1978, COE2001, COE198, COE1957, BUDAPEST, BUDAPEST_2AP)
