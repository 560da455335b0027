"""Drafts, checks and schemas, without a node."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gateway.admin.form_shapes import Checked, CheckRequest
from gateway.admin.shapes import FieldProblem, SubmitRequest
from gateway.mla.envelope_fields import Form
from gateway.mla.types import all_types
from tests.support.command_line import run, run_at
from tests.support.forms import in_form, sample, without
from tests.support.scripted_api import Refused, ScriptedApi

REFUSED = Refused(
    "invalid-form",
    422,
    "form: cannot be sent as it is",
    problems=(
        {
            "pointer": "/urgency",
            "code": "E_CODE",
            "sentence": "urgency: empty",
            "blocking": True,
            "article": "",
            "overridable": False,
        },
    ),
)


def _written(folder: Path, document: object) -> str:
    path = folder / "message.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_all_types_are_listed() -> None:
    listed = run("forms", "list", "--json").document()["items"]

    assert isinstance(listed, list)
    assert [one["type"] for one in listed] == [one.name for one in all_types()]
    assert "Demande d'entraide" in run("forms", "list").stdout


def test_a_schema_is_printed() -> None:
    author = json.loads(run("forms", "schema", "ACK").stdout)
    complete = json.loads(run("forms", "schema", "ACK", "--form", "complete").stdout)

    document = in_form(sample("ACK"), Form.AUTHOR)
    assert Draft202012Validator(author).is_valid(document)
    assert not Draft202012Validator(complete).is_valid(document)


def test_schemas_and_pages_are_written_and_nothing_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "published"

    done = run("forms", "write", str(folder), "--json")
    again = run("forms", "write", str(folder))

    assert done.exit_code == 0
    listed = done.document()["files"]
    assert isinstance(listed, list)
    assert all((folder / path).is_file() for path in listed)
    assert again.exit_code == 5


@pytest.mark.parametrize("words", [("forms", "schema"), ("draft", "--type")])
def test_a_type_that_is_not_there_is_named_so(words: tuple[str, ...]) -> None:
    done = run(*words, "NONSENSE")

    assert done.exit_code == 3
    assert "MLA_REQ" in done.stderr


def test_a_draft_is_written_once(tmp_path: Path) -> None:
    path = str(tmp_path / "request.json")

    first = run("draft", "--type", "MLA_REQ", "--instrument", "UNTOC", "--out", path)
    again = run("draft", "--type", "MLA_REQ", "--out", path)

    assert first.exit_code == 0
    drafted = json.loads(Path(path).read_text(encoding="utf-8"))
    assert drafted["instrument"] == ["UNTOC"]
    assert again.exit_code == 5


def test_with_an_instrument_fields_tell_which_provision_asks_for_them() -> None:
    words = ("draft", "--type", "MLA_REQ", "--instrument", "UNTOC")
    told = run(*words, "--instrument", "COE1959").stdout
    alone = run("draft", "--type", "MLA_REQ").stdout

    assert "Asked for by UNTOC 18(15)(b), COE1959 14(1)(b)" in told
    assert "UNTOC 18(15)(c) (not for A10 or A12 alone)" in told
    assert "COE1959 14(1)(d) (for A10)" in told
    assert "Asked for by" not in alone
    assert "Asked for by" not in run(*words[:2], "ACK", *words[3:]).stdout


def test_an_instrument_that_is_not_there_is_refused() -> None:
    assert run("draft", "--type", "ACK", "--instrument", "NONSENSE").exit_code == 2


def test_a_draft_is_not_complete_until_it_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    run("draft", "--type", "ACK", "--lang", "fr", "--out", str(path))

    unfinished = run("check", str(path))
    told = run("check", str(path), "--json")

    assert unfinished.exit_code == told.exit_code == 1
    assert "/payload/received_at: empty, expected" in unfinished.stderr
    problems = told.document()["problems"]
    assert isinstance(problems, list)
    assert {
        "pointer": "/payload/received_at",
        "code": "E_SCHEMA",
        "sentence": "received_at: empty, expected date and time in UTC like "
        "2026-11-21T23:05:09Z",
        "blocking": True,
        "article": "",
        "overridable": False,
    } in problems


def test_a_filled_in_draft_passes_with_its_explanations(tmp_path: Path) -> None:
    drafted = json.loads(run("draft", "--type", "ACK").stdout)
    filled = drafted | in_form(sample("ACK"), Form.AUTHOR)

    done = run("check", _written(tmp_path, filled))

    assert done.exit_code == 0
    assert "complete" in done.stderr


def test_advice_is_told_and_is_no_failure(tmp_path: Path) -> None:
    document = without(sample("MLA_REQ", 1), "/payload/persons/0/surname")
    document = without(document, "/payload/persons/0/aliases")

    done = run("check", _written(tmp_path, document))

    assert done.exit_code == 0
    assert "(advice)" in done.stderr


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1, "a": 2}', '{"a": null}'])
def test_what_is_no_document_is_a_mistake_of_use(tmp_path: Path, text: str) -> None:
    path = tmp_path / "message.json"
    path.write_text(text, encoding="utf-8")

    assert run("check", str(path)).exit_code == 2


def test_sending_leaves_explanations_out(api: ScriptedApi, tmp_path: Path) -> None:
    document = in_form(sample("ACK"), Form.AUTHOR)
    noted = document | {"// language: mandatory": "Language", "//cc": [{"country": ""}]}
    api.answers["submit"] = REFUSED

    run_at(api, "send", "--to", "moj.fr", "--message", _written(tmp_path, noted))

    sent = api.last.body
    assert isinstance(sent, SubmitRequest)
    assert sent.message == document


def test_a_refused_form_is_told_to_scripts_like_a_checked_one(
    api: ScriptedApi, tmp_path: Path
) -> None:
    api.answers["submit"] = REFUSED
    path = _written(tmp_path, in_form(sample("ACK"), Form.AUTHOR))

    done = run_at(api, "send", "--json", "--to", "moj.fr", "--message", path)

    assert done.exit_code == 2
    assert "/urgency: empty [E_CODE]" in done.stderr
    assert done.document()["problems"] == list(REFUSED.problems)


def test_with_an_addressee_the_node_is_asked(api: ScriptedApi, tmp_path: Path) -> None:
    document = in_form(sample("ACK"), Form.AUTHOR)
    path = _written(tmp_path, document | {"// note": "for me"})
    (fault,) = (FieldProblem(**one) for one in REFUSED.problems)  # type: ignore[arg-type]
    answers = (
        Checked(sendable=True, ignored=("seq",)),
        Checked(sendable=False, problems=(fault,)),
    )
    api.answers["check_message"] = lambda count: answers[count]

    fine = run_at(api, "check", path, "--to", "moj.fr")
    bad = run_at(api, "check", path, "--to", "moj.fr", "--json")

    assert fine.exit_code == 0
    assert "can be sent" in fine.stderr
    assert "seq" in fine.stderr
    assert bad.exit_code == 1
    assert bad.document() == {"problems": list(REFUSED.problems), "checked": "all"}
    asked = api.last.body
    assert isinstance(asked, CheckRequest)
    assert (asked.to, asked.message) == ("moj.fr", document)
