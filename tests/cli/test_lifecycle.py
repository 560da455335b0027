"""Retention, holds, searches and supervision as people type them."""

import json
from pathlib import Path

from gateway.admin import keeping_shapes as keeping
from gateway.admin import lifecycle_shapes as life
from gateway.admin import shapes
from gateway.admin import supervision_shapes as supervision
from tests.support.command_line import AT, MESSAGE_ID, OTHER_ID, run_at
from tests.support.scripted_api import ScriptedApi

CASE = "case-7"
HOLD = life.Hold(
    hold_id="h1",
    scope="person",
    by="anna",
    reason="appeal",
    since=AT,
    review_on="2027-06-30",
    overdue=True,
)
REQUEST = life.RegisteredRequest(
    request_id="r1",
    kind="access",
    via="person",
    reference="DP-7",
    received="2026-11-01",
    due="2026-12-01",
    delay="D1",
    review_on="2027-01-31",
    overdue=True,
    index=9,
)
DUE = keeping.RetentionItem(
    case=CASE,
    peer="pgr.pt",
    rule="draft",
    then="erase",
    since=AT,
    due=AT,
    ids=(MESSAGE_ID, OTHER_ID),
    kept={OTHER_ID: "on-legal-hold"},
)
REPORT = keeping.RetentionReport(
    items=(
        keeping.RetentionDone(
            case=CASE,
            peer="pgr.pt",
            rule="draft",
            erased=1,
            digests=("ab12",),
            indices=(7,),
        ),
    ),
    erased=1,
)
FORM: shapes.Document = {"msg_type": "RET_CNF", "payload": {"items": []}}
DISPOSAL = keeping.DisposalReport(
    case=CASE,
    peer="pgr.pt",
    tasks=(keeping.DisposalTask(asked_by=MESSAGE_ID, action="DESTROY"),),
    disposals=(keeping.Disposed(basis="x", erased_at=AT, digests=("ab12",)),),
    form=FORM,
)


def test_a_hold_is_on_whom_the_options_name(api: ScriptedApi) -> None:
    api.answers["add_hold"] = HOLD
    ground = ("--reason", "appeal", "--review-on", "2027-06-30")
    done = run_at(api, "hold", "add", "--surname", "Tamm", "--born", "1970", *ground)
    assert "hold h1 on a person" in done.stderr
    assert api.last.body == life.AddHoldRequest(
        reason="appeal",
        review_on="2027-06-30",
        person=life.Subject(surname="Tamm", born="1970"),
    )
    run_at(api, "hold", "add", "--case", CASE, *ground)
    assert isinstance(api.last.body, life.AddHoldRequest)
    assert api.last.body.person is None


def test_holds_are_listed_and_lifted(api: ScriptedApi) -> None:
    api.answers["list_holds"] = life.HoldList(items=(HOLD,))
    api.answers["lift_hold"] = life.Lifted(hold_id="h1", index=9)
    assert "2027-06-30 OVERDUE" in run_at(api, "hold", "list").stdout
    done = run_at(api, "hold", "lift", "h1", "--reason", "final")
    assert "logged at 9" in done.stderr
    assert api.last.segments == {"hold": "h1"}


def test_a_search_shows_candidates_and_says_what_it_did_not_look_into(
    api: ScriptedApi,
) -> None:
    candidate = life.SubjectCandidate(
        id=MESSAGE_ID,
        box="in",
        peer="pgr.pt",
        case=CASE,
        accepted_at=AT,
        person=0,
        role="SUSPECT",
        agrees=("name", "born"),
    )
    api.answers["search_subjects"] = life.SubjectCandidates(
        items=(candidate,), more=True, unsearchable=3, index=9, query="abc"
    )
    done = run_at(api, "subject", "search", "--surname", "Tamm", "--request", "r1")
    assert "name, born" in done.stdout
    assert "ask more narrowly" in done.stderr
    assert "3 message(s) from before" in done.stderr
    document = run_at(
        api, "--json", "subject", "search", "--name", "Tamm", "--request", "r1"
    ).document()
    assert document["query"] == "abc"


def test_requests_are_registered_delayed_closed_and_listed(api: ScriptedApi) -> None:
    for name in ("add", "delay", "close"):
        api.answers[f"{name}_subject_request"] = REQUEST
    api.answers["list_subject_requests"] = life.SubjectRequestList(items=(REQUEST,))
    words = ("subject", "requests")
    added = run_at(api, *words, "add", "access", "--reference", "DP-7")
    assert "DP-7" in added.stdout
    assert "access" in str(api.last.body)
    delay = ("--code", "D1", "--reason", "x", "--review-on", "2027-01-31")
    run_at(api, *words, "delay", "r1", *delay)
    assert api.last.segments == {"request": "r1"}
    run_at(api, *words, "close", "r1", "--outcome", "no-data", "--reason", "answered")
    assert isinstance(api.last.body, life.CloseSubjectRequest)
    assert api.last.body.outcome == "no-data"
    listed = run_at(api, *words, "list", "--closed").stdout
    assert "2026-12-01 OVERDUE" in listed
    assert "D1 until 2027-01-31" in listed


def test_what_is_due_is_shown_with_what_stands_against_it(api: ScriptedApi) -> None:
    api.answers["preview_retention"] = keeping.RetentionPreview(
        items=(DUE,), more=True, cases=4, prunable=512
    )
    done = run_at(api, "retention", "preview", "--within", "30")
    assert "1 on-legal-hold" in done.stdout
    assert "1 due of 4 case(s); there are more" in done.stderr
    assert "--below 512" in done.stderr
    assert api.last.query == keeping.RetentionQuery(within=30)


def test_nothing_is_erased_without_a_yes_and_the_report_names_digests(
    api: ScriptedApi,
) -> None:
    api.answers["preview_retention"] = keeping.RetentionPreview(items=(DUE,))
    api.answers["run_retention"] = REPORT
    words = ("retention", "run", "--class", "draft", "--reason", "over")
    refused = run_at(api, *words)
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    done = run_at(api, *words, "--yes")
    assert "erased ab12" in done.stderr
    assert api.last.body == keeping.RetentionRunRequest(
        reason="over", classes=("draft",)
    )
    assert run_at(api, "--json", *words, "--yes").document()["erased"] == 1


def test_the_table_is_shown_and_a_case_reviewed(api: ScriptedApi) -> None:
    rule = keeping.RetentionRule(
        name="draft",
        about="a draft",
        counted_from="when it was written",
        days=7,
        default_days=90,
        then="erase",
        source="x",
    )
    api.answers["retention_rules"] = keeping.RetentionRules(items=(rule,))
    assert "a draft" in run_at(api, "retention", "rules").stdout
    api.answers["review_case"] = keeping.Reviewed(case=CASE, index=9)
    done = run_at(api, "retention", "review", CASE, "--reason", "pending")
    assert "logged at 9" in done.stderr


def test_a_confirmation_is_printed_kept_or_sent(
    api: ScriptedApi, tmp_path: Path
) -> None:
    api.answers["disposal_report"] = DISPOSAL
    api.answers["submit"] = shapes.Submitted(id=MESSAGE_ID, state="queued", index=9)
    words = ("retention", "confirm", CASE)
    assert json.loads(run_at(api, *words).stdout) == FORM
    out = tmp_path / "form.json"
    assert "confirms 1 message(s)" in run_at(api, *words, "--out", str(out)).stderr
    assert json.loads(out.read_text()) == FORM
    assert MESSAGE_ID in run_at(api, *words, "--send").stdout
    assert api.last.body == shapes.SubmitRequest(to="pgr.pt", message=FORM)


def test_accesses_to_look_at_are_listed(api: ScriptedApi) -> None:
    item = supervision.ReviewItem(
        reason="night-access", actor="anna", at=AT, entries=(7,)
    )
    api.answers["review_log"] = supervision.ReviewList(items=(item,))
    period = ("--from", "2026-11-01", "--to", "2026-12-01T02:00+02:00")
    done = run_at(api, "audit", "review", *period)
    assert "night-access" in done.stdout
    assert api.last.query == supervision.ReviewQuery(
        since="2026-11-01T00:00:00.000Z", until="2026-12-01T00:00:00.000Z"
    )
    wrong = run_at(api, "audit", "review", "--from", "soon", "--to", "2026-12-01")
    assert "expected a day" in wrong.stderr


def test_a_file_that_names_no_candidates_is_refused(
    api: ScriptedApi, tmp_path: Path
) -> None:
    found = tmp_path / "found.json"
    period = ("--from", "2026-11-01", "--to", "2026-12-01", "--reason", "x")
    words = ("audit", "led-export", *period, "--out", str(tmp_path / "out"))
    for text, said in (("[]", "subject search"), ('{"items": []}', "no candidate")):
        found.write_text(text)
        done = run_at(api, *words, "--person", str(found))
        assert done.exit_code == 2
        assert said in done.stderr
