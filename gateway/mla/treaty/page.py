"""The treaty table as a page of the documentation."""

from collections.abc import Iterator

from gateway.mla.codelists import code_list
from gateway.mla.treaty.model import Instrument
from gateway.mla.treaty.table import INSTRUMENTS, TABLE_VERSION
from gateway.mla.treaty.telling import weight_of, when_asked

_HEAD = f"""\
# What instruments demand

The table that the gateway ships, version {TABLE_VERSION}, written from
`gateway/mla/treaty`. What is in force with whom stands in no such table: it is the
authority's own ([operators](operators.md#treaties)). The official texts rule; articles
are cited, not quoted.

Marks: V checked against a copy of the source, K general knowledge, P proposal of this
project. What V asks for and is missing refuses a request. K and P may be overridden
with a reason, which is logged. What an instrument asks for "where possible" is advice.
A demand counts for those types of message that have a field for it. Where a request
names several instruments, all of them count.
"""


def treaty_page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for instrument in INSTRUMENTS.values():
        yield f"## {instrument.code}"
        yield ""
        yield f"{code_list('INSTRUMENT').label(instrument.code)}."
        yield ""
        yield from _about(instrument)
        yield "| article | asks for | when | if missing | mark |"
        yield "|---|---|---|---|---|"
        for one in instrument.demands:
            told = (one.article, one.words, when_asked(one), weight_of(one), one.mark)
            yield f"| {' | '.join(told)} |"
        yield ""


def _about(instrument: Instrument) -> Iterator[str]:
    told = {
        "Grounds for refusal": instrument.refusal,
        "Grounds that are barred": ", ".join(
            f"{one.ground} ({one.article})" for one in instrument.barred
        ),
        "Limits of use": instrument.use_limits,
        "Confidentiality": instrument.confidentiality,
        "Note": instrument.note,
    }
    lines = [f"- {name}: {text}" for name, text in told.items() if text]
    yield from lines
    if lines:
        yield ""
