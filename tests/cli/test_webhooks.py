"""`webhook` and `folder` on the command line."""

from pathlib import Path

import msgspec
import pytest

from gateway.admin import webhook_shapes as shapes
from gateway.admin.people_shapes import Session
from gateway.core.operators import Role
from tests.support.command_line import AT, run_at
from tests.support.scripted_api import ScriptedApi

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the published one
CMS = shapes.Webhook(
    name="cms",
    url="https://cms.example.org/hook",
    state="failing",
    cursor=7,
    waiting=3,
    created_at=AT,
    failures=2,
    failing_since=AT,
)
ISSUED = shapes.IssuedWebhook(webhook=CMS, secret=SECRET)


def test_the_secret_is_printed_once_or_goes_into_a_private_file(
    api: ScriptedApi, tmp_path: Path
) -> None:
    api.answers["add_webhook"] = ISSUED
    added = ("webhook", "add", "cms", CMS.url, "--event", "message.opened")
    done = run_at(api, *added)
    assert (done.stdout, done.stderr) == (f"{SECRET}\n", "cms added\n")
    assert api.last.body == shapes.AddWebhookRequest(
        name="cms", url=CMS.url, events=("message.opened",)
    )
    file = tmp_path / "cms.key"
    done = run_at(api, *added, "--out", str(file))
    assert done.stdout == ""
    assert file.read_text() == f"{SECRET}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    again = run_at(api, *added, "--out", str(file))
    assert again.exit_code == 5


def test_a_new_secret_is_shown_like_the_first(api: ScriptedApi) -> None:
    api.answers["rotate_webhook"] = ISSUED
    rotated = run_at(api, "webhook", "rotate", "cms", "--overlap-hours", "0", "--json")
    assert rotated.document()["secret"] == SECRET
    assert api.last.body == shapes.RotateWebhookRequest(overlap_hours=0)


@pytest.mark.parametrize(
    "words", [("Cms", CMS.url), ("cms", CMS.url, "--event", "message.read")]
)
def test_odd_names_and_events_are_refused_at_once(
    api: ScriptedApi, words: tuple[str, ...]
) -> None:
    assert run_at(api, "webhook", "add", *words).exit_code == 2
    assert not api.asked


def test_endpoints_are_listed_and_shown_with_their_calls(api: ScriptedApi) -> None:
    gone = msgspec.structs.replace(CMS, state="disabled", why="gone")
    api.answers["list_webhooks"] = shapes.WebhookList(items=(gone,))
    listed = run_at(api, "webhook", "list")
    assert "disabled (gone)" in listed.stdout
    call = shapes.WebhookCall(
        call=4,
        at=AT,
        id="evt_1",
        event="message.opened",
        attempt=2,
        outcome=shapes.WebhookOutcome(taken=False, detail="HTTP status 500"),
    )
    api.answers["show_webhook"] = CMS
    api.answers["webhook_calls"] = shapes.WebhookCallPage(items=(call,))
    shown = run_at(api, "webhook", "show", "cms")
    assert "failing since" in shown.stdout
    assert "HTTP status 500" in shown.stdout
    document = run_at(api, "webhook", "show", "cms", "--json").document()
    assert document.keys() == {"webhook", "calls"}


def test_a_test_that_is_not_taken_fails(api: ScriptedApi) -> None:
    api.answers["test_webhook"] = shapes.WebhookOutcome(taken=True, status=204)
    taken = run_at(api, "webhook", "test", "cms")
    assert (taken.exit_code, "cms has taken it" in taken.stderr) == (0, True)
    api.answers["test_webhook"] = shapes.WebhookOutcome(taken=False, detail="no answer")
    failed = run_at(api, "webhook", "test", "cms", "--json")
    assert failed.exit_code == 6
    assert failed.document()["taken"] is False


def test_a_replay_begins_where_it_is_told(api: ScriptedApi) -> None:
    api.answers["replay_webhook"] = CMS
    done = run_at(api, "webhook", "replay", "cms", "--since", "2026-11-21T23:05")
    assert "since change 7" in done.stderr
    assert api.last.body == shapes.ReplayWebhookRequest(
        since="2026-11-21T23:05:00.000Z"
    )
    assert run_at(api, "webhook", "replay", "cms", "--since", "noon").exit_code == 2
    api.answers["remove_webhook"] = None
    assert "cms removed" in run_at(api, "webhook", "remove", "cms").stderr


def test_a_folder_has_to_be_set(api: ScriptedApi) -> None:
    done = run_at(api, "folder", "check")
    assert done.exit_code != 0
    assert "[folder] root" in done.stderr


def test_a_folder_is_checked(
    api: ScriptedApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "folder"
    root.mkdir(mode=0o750)
    monkeypatch.setenv("MLA_GATEWAY__FOLDER__ROOT", str(root))
    api.answers["session"] = Session(
        name="registry",
        label="x",
        roles=(Role.CASEWORKER,),
        authority="moj.ee",
        system=True,
    )
    done = run_at(api, "folder", "check")
    assert done.exit_code == 0, done.stderr
    assert "account registry at moj.ee" in done.stdout
    assert len(run_at(api, "folder", "check", "--json").document()) == 1
    assert {one.name for one in root.iterdir()} == {
        "out",
        "work",
        "sent",
        "refused",
        "inbound",
    }
