"""Schemes of other regions, and what rests on no treaty of this list."""

from gateway.mla.treaty.model import (
    Barred,
    Demand,
    Instrument,
    Mark,
    facts,
    law,
    marked,
    offences,
    person_to_serve,
    persons,
    proceedings,
    purpose,
    time_limit,
    what_is_asked,
    who_asks,
)


def _contents(article: str) -> tuple[Demand, ...]:
    """Return the usual contents, all of them asked for in one provision."""
    return (
        who_asks(article),
        proceedings(article),
        offences(article),
        law(article),
        facts(article),
        what_is_asked(article),
        purpose(article),
        persons(article),
        person_to_serve(article),
        time_limit(article),
    )


HARARE = Instrument(
    code="HARARE",
    demands=_contents("para 14"),
    refusal="paras 8-9",
    use_limits="para 12",
    confidentiality="para 11",
)

IACMA = Instrument(
    code="IACMA",
    demands=_contents("26"),
    refusal="9",
    use_limits="25",
)

ASEAN = Instrument(
    code="ASEAN",
    demands=_contents("6"),
    barred=(Barred("R21", "3"),),
    refusal="3",
    use_limits="8",
    confidentiality="9",
)

BILATERAL = Instrument(
    code="BILATERAL",
    demands=marked(
        Mark.PROPOSED,
        Demand("as it says", "title and date of the treaty", ("/bilateral_treaty",)),
        who_asks("as it says"),
        proceedings("as it says"),
        facts("as it says"),
        what_is_asked("as it says"),
        persons("as it says"),
    ),
    refusal="as it says",
    use_limits="as it says",
    note="Put what it demands into your own table: reservations and declarations.",
)

DOMESTIC = Instrument(
    code="DOMESTIC",
    demands=marked(
        Mark.PROPOSED,
        who_asks("national law"),
        proceedings("national law"),
        facts("national law"),
        what_is_asked("national law"),
    ),
    refusal="national law",
    use_limits="national law",
)

INSTRUMENTS = (HARARE, IACMA, ASEAN, BILATERAL, DOMESTIC)
