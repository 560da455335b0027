"""Pages are accessible PDF, say what they are given, and let nothing else in."""

import asyncio
import io
from dataclasses import replace

import pytest

from gateway.core.errors import CannotPrintError
from gateway.mla.printing import PrintedForm, PrintedRow, PrintedSection, printed_form
from gateway.mla.wording import Language
from gateway.ports.printing import Paper, Proven
from gateway.printing import typesetter
from gateway.printing.typesetter import Typesetter
from tests.support.forms import sample
from tests.support.pdf import PdfText

PROVEN = Proven("receipt", "mj.fr/audit/1", 4711, "2026-11-28T05:00:00.000Z", 5000)


def paper(*lines: str) -> Paper:
    rows = (PrintedRow("Label", lines),)
    form = PrintedForm("Title", Language.ENGLISH, (PrintedSection("Part", 1, rows),))
    return Paper(
        form=form,
        author="moj.ee",
        reference="ref-1",
        facts=[("State", "delivered")],
        proven=[PROVEN],
    )


def made(given: Paper) -> PdfText:
    return PdfText.read(io.BytesIO(asyncio.run(Typesetter().pdf(given))))


@pytest.mark.parametrize("language", Language)
def test_a_message_becomes_a_tagged_pdf_in_its_language(
    language: Language,
) -> None:
    given = replace(paper(), form=printed_form(sample("MLA_REQ"), language))
    pdf = made(given)
    assert pdf.language == language.value
    assert pdf.title == given.form.title
    assert pdf.is_tagged
    assert "<pdfuaid:part>1</pdfuaid:part>" in pdf.metadata


def test_the_last_page_holds_the_evidence_of_delivery() -> None:
    last = made(paper("x")).pages[-1]
    for told in ("Evidence of delivery", "mj.fr/audit/1", "4711", "5000", "delivered"):
        assert told in last


def test_what_is_printed_is_never_markup() -> None:
    text = '#read("/etc/passwd") *bold* $x$ https://a.example \\ #import "x"'
    assert "".join(text.split()) in "".join("".join(made(paper(text)).pages).split())


def test_without_a_proof_it_says_so() -> None:
    assert "No proof of the other side" in made(replace(paper(), proven=[])).pages[-1]


def test_the_same_paper_makes_the_same_bytes() -> None:
    async def twice() -> list[bytes]:
        setter = Typesetter()
        return [await setter.pdf(paper("x")) for _ in range(2)]

    first, second = asyncio.run(twice())
    assert first == second


def test_a_character_without_a_font_is_refused_without_naming_it() -> None:
    odd = "\U0001ffff"
    with pytest.raises(CannotPrintError, match="fonts") as failed:
        made(paper(odd))
    assert odd not in str(failed.value)


def test_without_the_typesetter_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typesetter, "find_spec", lambda _name: None)
    with pytest.raises(CannotPrintError, match=r"mla-gateway\[print\]"):
        made(paper())


def test_a_word_of_any_length_stays_on_the_page() -> None:
    word = "ab" * 400
    assert word in "".join("".join(made(paper(word)).pages).split()).replace(
        "\u200b", ""
    )
