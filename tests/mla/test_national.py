"""A declaration file becomes a type, a field, a rule; what is wrong is named."""

import tomllib

import pytest
from jsonschema import Draft202012Validator

from gateway.core.canonical import JsonObject
from gateway.mla.docket import docket_entry
from gateway.mla.envelope_fields import Form
from gateway.mla.fields import ListOf
from gateway.mla.national.holds import PLAIN_KINDS, condition_of, kind_of
from gateway.mla.national.model import clashes, digests_of, types_with
from gateway.mla.national.reading import common_blocks, read_declaration
from gateway.mla.notes import without_notes
from gateway.mla.pages import pages_of
from gateway.mla.problems import ProblemCode
from gateway.mla.schema import schema_of
from gateway.mla.skeleton import DraftRequest, draft
from gateway.mla.speaking import Spoken, declarations_of, not_spoken
from gateway.mla.types import all_types, common_types, declared_type, message_type
from gateway.mla.validate import validate
from tests.support.forms import in_form, sample, with_value, without
from tests.support.national import NAME, TEXT, declaration, in_force, notary_form

NOTARY = declaration()
KNOWS_IT = Spoken(("1.0", "1.1"), ("1.0",), digests_of([NOTARY]))
WITHOUT_IT = Spoken(("1.0", "1.1"), ("1.0",), {})
OLD = Spoken(("1.0",), ("1.0",), digests_of([NOTARY]))


def _pointers(document: JsonObject) -> list[str]:
    return [one.pointer for one in validate(document, form=Form.AUTHOR)]


def _request(field: str = "x_ee_register") -> JsonObject:
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form = with_value(form, "/payload/costs", {"estimate": "10.00", "currency": "EUR"})
    return with_value(form, f"/payload/{field}", "N-17")


def _complaints(text: str) -> dict[str, str]:
    found, problems = read_declaration(NAME, tomllib.loads(text))
    assert found is None
    return dict(problems)


# --- what is declared ---


def test_a_type_is_known_while_it_is_in_force_and_only_then() -> None:
    assert message_type("X_EE_NOTARY") is None
    assert _pointers(notary_form()) == ["/msg_type"]

    with in_force(NOTARY):
        assert declared_type("X_EE_NOTARY").title_fr == "Extrait du registre notarial"
        assert _pointers(notary_form()) == []
        assert set(common_types()) < set(all_types()) | set(common_types())

    assert message_type("X_EE_NOTARY") is None


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/payload/deeds", []),
        ("/payload/deeds/0/kind", "LOAN"),
        ("/payload/deeds/0/number", ""),
        ("/payload/deed", "x"),
    ],
)
def test_its_fields_are_checked_like_any_other(pointer: str, value: str) -> None:
    with in_force(NOTARY):
        assert _pointers(with_value(notary_form(), pointer, value)) == [pointer]


def test_its_conditions_hold() -> None:
    with in_force(NOTARY):
        assert _pointers(notary_form() | {"urgency": "URGENT"}) == ["/payload/reason"]


def test_it_has_schema_draft_page_and_docket_like_any_other() -> None:
    with in_force(NOTARY):
        declared = declared_type("X_EE_NOTARY")
        schema = schema_of(declared, Form.AUTHOR)
        drafted = draft(DraftRequest(declared=declared))
        pages = pages_of(all_types())
        entry = docket_entry(notary_form())
        found = _pointers(without_notes(drafted))

    assert Draft202012Validator(schema).is_valid(notary_form())
    bad = with_value(notary_form(), "/payload/deeds/0/kind", "LOAN")
    assert not Draft202012Validator(schema).is_valid(bad)
    assert "Küsitavad tehingud" in str(schema)
    assert "/payload/deeds/0/number" in found
    assert "Les actes demandés" in pages["X_EE_NOTARY.md"]
    assert entry["payload"] == {"deeds": [{"kind": "SALE"}]}


def test_a_field_is_added_to_a_common_type_and_may_be_left_out() -> None:
    assert _pointers(_request()) == ["/payload/x_ee_register"]
    with in_force(NOTARY):
        assert _pointers(_request()) == []
        assert _pointers(without(_request(), "/payload/x_ee_register")) == []


def test_a_rule_judges_what_is_written_here_and_not_what_is_received() -> None:
    form = without(_request(), "/payload/costs")
    estimated = with_value(form, "/payload/costs", {"currency": "EUR"})
    with in_force(NOTARY):
        (problem,) = validate(form, form=Form.AUTHOR)
        (inner,) = validate(estimated, form=Form.AUTHOR)
        received = validate(sample("MLA_REQ"))

    assert problem.pointer == "/payload/costs"
    assert inner.pointer == "/payload/costs/estimate"
    assert problem.code is ProblemCode.SCHEMA
    assert problem.article == "Fees Act 12(3)"
    assert problem.blocking
    assert problem.is_overridable
    assert received == []


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ('lacks = "/payload/persons/*/addresses"', ["/payload/persons/0/addresses"]),
        ('needs = "/payload/offences/*/ecris"', ["/payload/offences/0/ecris"]),
        ('needs = "/payload/special/plan"', ["/payload/special"]),
    ],
)
def test_rules_about_lists_name_every_place(change: str, pointers: list[str]) -> None:
    text = TEXT.replace('needs = "/payload/costs/estimate"', change)
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form = with_value(form, "/payload/persons/0/addresses", ["x"])
    form = (
        without(form, "/payload/offences/0/ecris")
        if "ecris" in str(form["payload"])
        else form
    )
    with in_force(declaration(text)):
        assert _pointers(form)[: len(pointers)] == pointers


def test_an_effect_may_be_advice_or_a_block() -> None:
    form = without(_request(), "/payload/costs")
    for effect, weight in (("advice", (False, False)), ("blocks", (True, False))):
        text = TEXT.replace('effect = "overridable"', f'effect = "{effect}"')
        with in_force(declaration(text)):
            (problem,) = validate(form, form=Form.AUTHOR)
        assert (problem.blocking, problem.is_overridable) == weight


# --- what both sides must have ---


def test_a_peer_without_it_does_not_understand_the_type_or_the_field() -> None:
    with in_force(NOTARY):
        assert not_spoken(notary_form(), KNOWS_IT) == []
        assert not_spoken(_request(), KNOWS_IT) == []
        for theirs in (WITHOUT_IT, OLD):
            types = [one.pointer for one in not_spoken(notary_form(), theirs)]
            fields = [one.pointer for one in not_spoken(_request(), theirs)]
            assert types == ["/msg_type"]
            assert fields == ["/payload/x_ee_register"]
            assert not_spoken(in_form(sample("MLA_REQ"), Form.AUTHOR), theirs) == []


def test_a_message_names_the_declarations_it_needs_and_no_others() -> None:
    with in_force(NOTARY):
        named = ((NAME, NOTARY.digest),)
        assert declarations_of(notary_form()) == named
        assert declarations_of(_request()) == named
        assert declarations_of(in_form(sample("MLA_REQ"), Form.AUTHOR)) == ()


def test_the_digest_is_of_what_both_sides_share() -> None:
    laid_out = "# a remark\n" + TEXT.replace("\n\n", "\n\n\n")
    other_rule = TEXT.replace("Fees Act 12(3)", "Fees Act 12(4)")
    other_kind = TEXT.replace("SALE, GIFT, WILL", "SALE, GIFT")

    assert declaration(laid_out).digest == NOTARY.digest
    assert declaration(other_rule).digest == NOTARY.digest
    assert declaration(other_kind).digest != NOTARY.digest


def test_rules_alone_are_nobody_elses_business() -> None:
    rules = TEXT[TEXT.index("[[rules]]") :]
    alone = declaration(rules, "ee-fees")

    assert not alone.is_shared
    assert digests_of([alone, NOTARY]) == {NAME: NOTARY.digest}
    assert set(types_with([alone])) == {"MLA_REQ"}


def test_what_is_declared_twice_is_named() -> None:
    assert clashes([NOTARY]) == []
    found = clashes([NOTARY, declaration(name="ee-other")])

    assert {name for name, _ in found} == {"ee-other"}
    assert [text for _, text in found] == [
        "type X_EE_NOTARY: declared by ee-notary already",
        "field x_ee_register of MLA_REQ: declared by ee-notary already",
    ]


# --- what is wrong with a file ---


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('name = "X_EE_NOTARY"', 'name = "NOTARY"', "type.name"),
        ('name = "X_EE_NOTARY"', "", "type.name"),
        ('["REQ", "RQD"]', '["REQ", "JUDGE"]', "type.senders"),
        ('["REQ", "RQD"]', "true", "type.senders"),
        ("opens_case = true", 'opens_case = "yes"', "type.opens_case"),
        ("opens_case = true", "opens = true", "type.opens"),
        ("opens_case = true", 'answers = ["NONSENSE"]', "type.answers"),
        ('need = "mandatory"', 'need = "always"', "type.fields[0].need"),
        ("if /urgency is", "if /urgence is", "type.fields[1].need"),
        ("if /urgency is", "if /urgency was", "type.fields[1].need"),
        ("text in languages", "texts", "type.fields[1].holds"),
        ("of block Deed", "of block Dead", "type.fields[0].holds"),
        ('et = "K', 'et-x = "K', "type.fields[0].et-x"),
        ('holds = "one of', 'holds = "one  of', "blocks.Deed.fields[1].holds"),
        ('name = "kind"', 'name = "number"', "blocks.Deed.fields[1].name"),
        ("[blocks.Deed]", "[blocks.Person]\n[blocks.Deed]", ""),
        ('name = "x_ee_register"', 'name = "register"', "add[0].name"),
        ('"MLA_REQ"\nname', '"NONSENSE"\nname', "add[0].type"),
        ('holds = "reference"\nen = "Number in', 'en = "Number in', "add[0].holds"),
        ('"/payload/costs/estimate"', '"/payload/cost"', "rules[0].needs"),
        ('"/payload/costs/estimate"', '"payload"', "rules[0].needs"),
        ("/payload/offences/*/place is", "/payload/place is", "rules[0].if"),
        ('effect = "overridable"', 'effect = "maybe"', "rules[0].effect"),
        ('words = "missing,', 'wording = "missing,', "rules[0].words"),
        ('article = "Fees', 'date = 2026-01-01\narticle = "Fees', "rules[0].date"),
        ("opens_case = true", "weight = 1.5", "type.weight"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(old: str, new: str, key: str) -> None:
    assert old in TEXT
    found = _complaints(TEXT.replace(old, new, 1))

    if key:
        assert key in found
        assert found[key]
    else:
        assert any("Person" in name for name in found)


def test_a_file_that_declares_nothing_is_refused() -> None:
    assert _complaints("") == {"": "declares nothing, expected type, add or rules"}


@pytest.mark.parametrize("words", PLAIN_KINDS)
def test_every_plain_kind_can_be_named_and_listed(words: str) -> None:
    kind = kind_of(words, {})

    assert kind is PLAIN_KINDS[words]
    if isinstance(kind, ListOf):
        with pytest.raises(ValueError, match="list itself"):
            kind_of(f"list of {words}", {})
    else:
        assert kind_of(f"1 or more of {words}", {}) == ListOf(kind, least=1)


@pytest.mark.parametrize(
    "words", ["block Person", "code of ASSIST", "list of block Order"]
)
def test_common_blocks_and_lists_can_be_named(words: str) -> None:
    assert kind_of(words, common_blocks()).words.startswith("a ")


@pytest.mark.parametrize(
    "words",
    [
        "",
        "code of NOTHING",
        "code of ",
        "block ",
        "one of ",
        "one of a, b",
        "one of A, A",
        "whole number from 5 to 1",
        "whole number from 1 to 999999999999999999",
        "list of list of line",
        "list of",
    ],
)
def test_other_words_are_no_kind(words: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        kind_of(words, common_blocks())


def test_conditions_are_read() -> None:
    assert condition_of("/urgency is A or B").words == "/urgency is A or B"
    other = condition_of("/a/*/b is other than A10 or A12")
    assert (other.path, other.values, other.is_among) == (
        "/a/*/b",
        ("A10", "A12"),
        False,
    )
    for words in ("", "/urgency", "/urgency is ", "/urgency is a", "is A"):
        with pytest.raises(ValueError, match="expected"):
            condition_of(words)
