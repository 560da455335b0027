"""The language in which instruments are declared.

A declaration is data. One demand says which provision asks for what, which fields of a
form meet it, and how sure this project is of it; nothing in it is code.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.mla.fields import When


class Mark(StrEnum):
    """How far a rule was checked, and so what breaking it does."""

    VERIFIED = "V"  # checked in a copy of the source: refuses
    KNOWN = "K"  # general knowledge, not checked again: may be overridden
    PROPOSED = "P"  # proposed by this project: may be overridden


@dataclass(frozen=True, slots=True)
class Demand:
    """One content duty.

    Attributes:
        article: Where the instrument asks for it, without the instrument's name.
        words: What it asks for, after "missing, expected".
        fields: Paths of fields, any of which meets it: from the document if `each` is
            empty, else from each block found there.
        each: Path of the blocks that each have to meet it; empty for the document.
        mark: How far it was checked.
        types: Types of message that it is asked of; empty for every opening one.
        assist: Kinds of assistance that it is asked for; empty for all.
        exempt: Kinds of assistance for which it is not asked: a request for nothing
            else need not meet it.
        condition: When it is asked; None for always.
        where_possible: The instrument asks for it "where possible": advice.
    """

    article: str
    words: str
    fields: tuple[str, ...]
    each: str = ""
    mark: Mark = Mark.KNOWN
    types: frozenset[str] = frozenset()
    assist: frozenset[str] = frozenset()
    exempt: frozenset[str] = frozenset()
    condition: When | None = None
    where_possible: bool = False


@dataclass(frozen=True, slots=True)
class Barred:
    """A ground on which assistance must not be refused.

    Attributes:
        ground: A code of list REFUSAL.
        article: The provision that bars it.
    """

    ground: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A legal basis.

    Attributes:
        code: Its code in list INSTRUMENT.
        demands: What a message that opens a case under it must hold.
        barred: Grounds that it takes away from the requested side.
        refusal: Where it lists the grounds for refusing.
        use_limits: Where it limits the use of what was given.
        confidentiality: Where it asks to keep the request secret; may be empty.
        note: What a reader should know; may be empty.
    """

    code: str
    demands: tuple[Demand, ...] = ()
    barred: tuple[Barred, ...] = ()
    refusal: str = ""
    use_limits: str = ""
    confidentiality: str = ""
    note: str = ""


SERVICE_OR_RECORDS = frozenset({"A10", "A12"})
"""Asked for without facts: service of documents, extracts of criminal records."""

ASSETS = frozenset({"A33", "A34", "A35", "A36"})
TRANSFERS = frozenset({"A05", "A06"})


def marked(mark: Mark, *demands: Demand) -> tuple[Demand, ...]:
    """Return demands that were checked that far."""
    return tuple(replace(demand, mark=mark) for demand in demands)


# --- what most instruments ask for, each under an article of its own ---


def who_asks(article: str) -> Demand:
    """The authority that makes the request."""
    return Demand(
        article, "the authority that asks", ("/payload/requesting_authority",)
    )


def proceedings(article: str) -> Demand:
    """Subject, nature and stage of the proceedings, and who conducts them."""
    return Demand(article, "the proceedings it is for", ("/payload/proceedings",))


def facts(article: str) -> Demand:
    """The facts, which service and criminal records are asked for without."""
    return Demand(
        article,
        "the relevant facts",
        ("/payload/facts",),
        exempt=SERVICE_OR_RECORDS,
    )


def offences(article: str) -> Demand:
    """What the offence is, by the law of the requesting State."""
    return Demand(article, "the offences", ("/payload/offences/*",))


def law(article: str) -> Demand:
    """The wording of the provisions that were broken."""
    return Demand(
        article,
        "the text of the law",
        ("statute_text",),
        each="/payload/offences/*",
        exempt=SERVICE_OR_RECORDS,
    )


def penalty(article: str) -> Demand:
    """The highest penalty for each offence."""
    return Demand(
        article,
        "the highest penalty in months",
        ("max_penalty_months",),
        each="/payload/offences/*",
        exempt=SERVICE_OR_RECORDS,
    )


def what_is_asked(article: str) -> Demand:
    """The assistance sought."""
    return Demand(
        article,
        "what is asked",
        ("/payload/measures/*", "/payload/identifiers/*", "/payload/assets/*"),
    )


def persons(article: str) -> Demand:
    """Who is concerned; instruments ask for it where it is known."""
    return Demand(
        article,
        "the persons concerned, where they are known",
        ("/payload/persons/*", "/payload/person"),
        where_possible=True,
    )


def person_to_serve(article: str) -> Demand:
    """Name and address of the person to be served."""
    return Demand(
        article,
        "the address of the person to be served",
        ("/payload/service/address", "/payload/persons/*/addresses/*"),
        assist=frozenset({"A10"}),
    )


def purpose(article: str) -> Demand:
    """What the evidence is for."""
    return Demand(article, "the purpose", ("/purpose",))


def time_limit(article: str) -> Demand:
    """Why a date was set; asked for where one was."""
    return Demand(
        article,
        "the reason for the date that was set",
        ("/payload/urgency_reason", "/payload/urgency_text"),
        condition=When("/urgency", ("PRIORITY", "URGENT")),
        where_possible=True,
    )


def necessity(article: str) -> Demand:
    """Why the measure is needed and in proportion."""
    return Demand(article, "why it is needed", ("/payload/necessity",))


def remedies(article: str) -> Demand:
    """Whether a remedy was sought, and who informs about it."""
    return Demand(article, "the remedies", ("/payload/remedies",))


# --- what is asked for beside that, by measure ---


def emergency_shown(article: str, *assist: str, mark: Mark = Mark.KNOWN) -> Demand:
    """Facts that show the emergency, and how the data relate to it."""
    return Demand(
        article,
        "the facts that show the emergency, and how the data help",
        ("/payload/emergency",),
        mark=mark,
        assist=frozenset(assist),
        types=frozenset() if assist else frozenset({"EMR_REQ"}),
    )


def bank_reasons(article: str) -> Demand:
    """Why the accounts matter, and why banks there are thought to hold them."""
    return Demand(
        article,
        "why the accounts matter and why banks there hold them",
        ("/payload/financial/banks_why",),
        assist=frozenset({"A30", "A31", "A32"}),
    )


def bank_period(article: str) -> Demand:
    """The period of the operations."""
    return Demand(
        article,
        "the period of the operations",
        ("period",),
        each="/payload/measures/*",
        assist=frozenset({"A31", "A32"}),
    )


def video_reason(article: str) -> Demand:
    """Why presence in person does not suit."""
    return Demand(
        article,
        "why presence in person does not suit",
        ("/payload/hearing/why_not_in_person",),
        assist=frozenset({"A03", "A04"}),
    )


def hearing_authority(article: str) -> Demand:
    """Which authority and persons conduct the hearing."""
    return Demand(
        article,
        "the authority that conducts the hearing",
        ("/payload/hearing/hearing_authority",),
        assist=frozenset({"A03", "A04"}),
    )


def transfer_consent(article: str) -> Demand:
    """Whether the detained person consents."""
    return Demand(
        article,
        "whether the person consents",
        ("/payload/transfer/consent",),
        assist=TRANSFERS,
    )


def transfer_return(article: str) -> Demand:
    """By when the detained person is back."""
    return Demand(
        article,
        "the latest date of return",
        ("/payload/transfer/latest_return",),
        assist=TRANSFERS,
    )


def property_value(article: str) -> Demand:
    """Description and estimated value of the property."""
    return Demand(
        article,
        "the description and estimated value of the property",
        ("est_value",),
        each="/payload/assets/*",
        assist=frozenset({"A34", "A35"}),
    )


def order_copy(article: str) -> Demand:
    """The order that the request rests on."""
    return Demand(
        article,
        "the order that is to be carried out",
        ("order",),
        each="/payload/measures/*",
        assist=frozenset({"A35"}),
    )
