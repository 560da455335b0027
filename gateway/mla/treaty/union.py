"""Instruments of the European Union, and its agreement with the United Kingdom."""

from gateway.mla.fields import When
from gateway.mla.treaty.europe import AS_ETS30
from gateway.mla.treaty.model import (
    ASSETS,
    SERVICE_OR_RECORDS,
    Demand,
    Instrument,
    Mark,
    bank_period,
    bank_reasons,
    facts,
    hearing_authority,
    law,
    marked,
    necessity,
    offences,
    persons,
    proceedings,
    purpose,
    remedies,
    time_limit,
    transfer_consent,
    transfer_return,
    video_reason,
    what_is_asked,
    who_asks,
)

_NOT_PRESERVATION = frozenset({"MLA_REQ", "EMR_REQ"})
_RECORDS = frozenset({"CR_REQ"})
_CONVICTIONS = frozenset({"CR_NOT"})
_FREEZING = frozenset({"FRZ_REQ"})
_CONFISCATION = frozenset({"CNF_REQ"})


def _order_form(article: str) -> tuple[Demand, ...]:
    """Return what the form of an investigation order asks for, section by section."""
    form = f"{article} section"
    return (
        time_limit(f"{form} B"),
        what_is_asked(f"{form} C"),
        persons(f"{form} E"),
        proceedings(f"{form} F"),
        facts(f"{form} G1"),
        offences(f"{form} G2"),
        law(f"{form} G2"),
        Demand(
            f"{form} G3",
            "the highest penalty in months",
            ("max_penalty_months",),
            each="/payload/offences/*",
            exempt=SERVICE_OR_RECORDS,
            where_possible=True,
        ),
        transfer_consent(f"{form} H1"),
        transfer_return(f"{form} H1"),
        video_reason(f"{form} H2"),
        hearing_authority(f"{form} H2"),
        bank_reasons(f"{form} H4"),
        bank_period(f"{form} H4"),
        remedies(f"{form} J"),
        who_asks(f"{form} K"),
        purpose(f"{form} G1"),
    )


EIO = Instrument(
    code="EIO",
    demands=(
        *_order_form("Annex A"),
        necessity("6(1)"),
        *marked(
            Mark.VERIFIED,
            Demand(
                "30(3)(a)",
                "the target of the interception",
                ("identifiers/*", "person_ids/*"),
                each="/payload/measures/*",
                assist=frozenset({"A47"}),
            ),
            Demand(
                "30(3)(b)",
                "the duration of the interception",
                ("period",),
                each="/payload/measures/*",
                assist=frozenset({"A47"}),
            ),
        ),
        Demand(
            "31, Annex C",
            "the phase of the interception",
            ("/payload/phase",),
            types=frozenset({"ICN"}),
        ),
        Demand(
            "31, Annex C",
            "the period of the interception",
            ("/payload/period",),
            types=frozenset({"ICN"}),
        ),
        Demand(
            "31, Annex C",
            "the target of the interception",
            ("/payload/targets/*",),
            types=frozenset({"ICN"}),
        ),
    ),
    refusal="11; of special measures 22-30",
    use_limits="20",
    confidentiality="19",
    note="Validated by a judge, court or prosecutor: 2(c)(ii), section L.",
)

EEV = Instrument(
    code="EEV",
    demands=marked(
        Mark.VERIFIED,
        who_asks("Annex I sections A, I, J"),
        Demand(
            "Annex I section E",
            "the identifiers of the user or the service",
            ("/payload/identifiers/*", "/payload/measures/*/identifiers/*"),
        ),
        Demand(
            "Annex I section F",
            "the categories of data",
            ("/payload/data_cats/*", "/payload/measures/*/data_cats/*"),
        ),
        Demand(
            "Annex I section G(a)",
            "the proceedings it is for",
            ("/payload/proceedings",),
            types=_NOT_PRESERVATION,
        ),
        Demand(
            "Annex I section G(b)",
            "the law that was broken",
            ("/payload/offences/*",),
        ),
        Demand(
            "Annex I section G(c)",
            "the highest penalty in months",
            ("max_penalty_months",),
            each="/payload/offences/*",
            types=_NOT_PRESERVATION,
        ),
        necessity("5(5)(i), Annex I section M"),
        Demand(
            "Annex I section M",
            "the facts, for the enforcing authority",
            ("/payload/facts",),
        ),
        Demand(
            "13(3), 18",
            "the remedies of the person",
            ("/payload/remedies",),
            types=_NOT_PRESERVATION,
        ),
    ),
    refusal="12; of enforcement 16(4)-(5)",
    use_limits="by conditions: 10(4), 12(4)",
    confidentiality="13",
)


def _certificate(annex: str, mark: Mark, types: frozenset[str]) -> tuple[Demand, ...]:
    """Return what a certificate asks for, section by section."""
    return marked(
        mark,
        Demand(
            f"{annex} section A",
            "the authority",
            ("/payload/requesting_authority",),
            types=types,
        ),
        Demand(
            f"{annex} section B",
            "the order",
            ("/payload/order", "/payload/measures/*/order"),
            types=types,
        ),
        Demand(
            f"{annex} section C",
            "the persons affected",
            ("/payload/affected/*", "/payload/persons/*"),
            types=types,
        ),
        Demand(
            f"{annex} section D", "the property", ("/payload/assets/*",), types=types
        ),
        Demand(
            f"{annex} section D",
            "the amount",
            ("/payload/amount_to_execute",),
            types=types,
            condition=When("/payload/assets/*/basis", ("EQUIVALENT",)),
        ),
        Demand(
            f"{annex} section D",
            "why the property is thought to be there",
            ("/payload/location_grounds",),
            types=types,
        ),
        Demand(f"{annex} section F", "the facts", ("/payload/facts",), types=types),
        Demand(
            f"{annex} section F", "the offences", ("/payload/offences/*",), types=types
        ),
    )


EU_FRZ = Instrument(
    code="EU_FRZ",
    demands=(
        *_certificate("Annex I", Mark.KNOWN, _FREEZING),
        *_certificate("Annex II", Mark.VERIFIED, _CONFISCATION),
        Demand(
            "Annex II section M",
            "the account to pay to",
            ("/payload/payment",),
            types=_CONFISCATION,
            where_possible=True,
        ),
        Demand(
            "Annexes I and II section D",
            "the property",
            ("/payload/assets/*", "/payload/measures/*/asset"),
            assist=ASSETS,
        ),
        facts("Annexes I and II section F"),
        offences("Annexes I and II section F"),
    ),
    refusal="8 freezing, 19 confiscation",
    use_limits="as the order says",
    confidentiality="11, 22",
)

EU2000 = Instrument(
    code="EU2000",
    demands=(
        *AS_ETS30,
        video_reason("10(3)"),
        hearing_authority("10(3)"),
        bank_reasons("Protocol 1(4), 2(2)"),
    ),
    refusal="as ETS 30",
    use_limits="23",
)

ECRIS = Instrument(
    code="ECRIS",
    demands=(
        Demand(
            "6(1)",
            "what the record is asked for",
            ("/payload/cr_purpose", "/payload/criminal_record/cr_purpose"),
            types=_RECORDS | {"MLA_REQ"},
        ),
        Demand(
            "6, Annex form",
            "the person",
            ("/payload/person", "/payload/persons/*"),
            types=_RECORDS | {"MLA_REQ"},
        ),
        Demand(
            "6, Annex form",
            "the body that asks",
            ("/payload/requesting_body", "/payload/requesting_authority"),
            types=_RECORDS | {"MLA_REQ"},
        ),
        Demand(
            "6(2), Annex form",
            "the case number",
            ("/payload/case_number",),
            types=_RECORDS,
            where_possible=True,
        ),
        Demand(
            "11(1)(a)",
            "the person, the conviction, the offence and the sanction",
            ("/payload/conviction",),
            types=_CONVICTIONS,
        ),
        Demand(
            "11(1)(a)", "the person convicted", ("/payload/person",), types=_CONVICTIONS
        ),
    ),
    use_limits="9; passing on 7(2), 7(4)",
)

ECRIS_TCN = Instrument(
    code="ECRIS_TCN",
    demands=(
        Demand(
            "7", "the person", ("/payload/person", "/payload/persons/*"), types=_RECORDS
        ),
        Demand(
            "7",
            "what the record is asked for",
            ("/payload/cr_purpose",),
            types=_RECORDS,
        ),
    ),
    use_limits="7",
    note="The index says hit or no hit; the record itself is asked for under ECRIS.",
)

TCA_MLA = Instrument(
    code="TCA_MLA",
    demands=(*_order_form("633, Annex 50"), necessity("633")),
    refusal="636, and as ETS 30",
    use_limits="as ETS 30",
)

TCA_CR = Instrument(
    code="TCA_CR",
    demands=(
        Demand(
            "648",
            "the person",
            ("/payload/person", "/payload/persons/*"),
            types=_RECORDS,
        ),
        Demand(
            "648",
            "what the record is asked for",
            ("/payload/cr_purpose",),
            types=_RECORDS,
        ),
        Demand("646", "the conviction", ("/payload/conviction",), types=_CONVICTIONS),
    ),
    use_limits="650",
)

INSTRUMENTS = (EIO, EEV, EU_FRZ, EU2000, ECRIS, ECRIS_TCN, TCA_MLA, TCA_CR)
