"""Sending, listing, opening and working on messages."""

import base64
import json
import os
from pathlib import Path

import pytest

from gateway.admin import opening_shapes, shapes
from tests.support.command_line import AT, MESSAGE_ID, OTHER_ID, message, run_at
from tests.support.scripted_api import Refused, ScriptedApi

FORM: dict[str, object] = {"msg_type": "MLA_REQ", "payload": {"purpose": "Õigusabi"}}
SUBMITTED = shapes.Submitted(id=MESSAGE_ID, index=7, state="queued")
OPENED = opening_shapes.Opened(
    id=MESSAGE_ID,
    box="in",
    peer="moj.fr",
    index=9,
    message={"subject": "Ärakuulamine \x1b[31m"},
    manifest=base64.b64encode(b'{"exact":"bytes"}').decode(),
)


@pytest.fixture
def form(tmp_path: Path) -> str:
    """A file with a message document."""
    path = tmp_path / "form.json"
    path.write_text(json.dumps(FORM))
    return str(path)


class TestSend:
    def test_the_id_is_printed_once_the_node_has_taken_it(
        self,
        api: ScriptedApi,
        form: str,
    ) -> None:
        api.answers["submit"] = SUBMITTED

        done = run_at(api, "send", "--to", "moj.fr", "--message", form)

        assert (done.exit_code, done.stdout) == (0, f"{MESSAGE_ID}\n")
        assert api.last.body == shapes.SubmitRequest(to="moj.fr", message=FORM)
        assert "queued, logged at 7" in done.stderr

    def test_a_message_can_come_from_stdin(self, api: ScriptedApi) -> None:
        api.answers["submit"] = SUBMITTED
        words = ("send", "--to", "moj.fr", "--message", "-", "--json")

        done = run_at(api, *words, stdin=json.dumps(FORM))

        assert {"id": MESSAGE_ID, "index": 7, "state": "queued"}.items() <= (
            done.document().items()
        )

    def test_a_given_key_goes_with_it(self, api: ScriptedApi, form: str) -> None:
        api.answers["submit"] = SUBMITTED
        words = ("send", "--to", "moj.fr", "--message", form)

        run_at(api, *words, "--idempotency-key", "case-17")
        run_at(api, *words)
        run_at(api, *words)

        keys = [asked.headers["idempotency-key"] for asked in api.asked]
        assert keys[0] == "case-17"
        assert len(set(keys)) == 3

    def test_a_key_that_no_header_can_hold_is_refused(
        self,
        api: ScriptedApi,
        form: str,
    ) -> None:
        words = ("send", "--to", "moj.fr", "--message", form)

        assert run_at(api, *words, "--idempotency-key", "a\nb").exit_code == 2

    @pytest.mark.parametrize("wait", [("--wait",), ("--wait", "5")], ids=len)
    def test_waiting_ends_when_it_is_delivered(
        self,
        api: ScriptedApi,
        form: str,
        wait: tuple[str, ...],
    ) -> None:
        states = ["queued", "delivered"]
        api.answers["submit"] = SUBMITTED
        api.answers["show_message"] = lambda count: message(states[count])
        words = ("send", "--to", "moj.fr", "--message", form, *wait, "--json")

        done = run_at(api, *words)

        assert done.exit_code == 0
        assert done.document()["state"] == "delivered"
        assert api.names() == ["submit", "show_message", "show_message"]

    def test_waiting_in_vain_is_done_in_part(self, api: ScriptedApi, form: str) -> None:
        api.answers["submit"] = SUBMITTED
        api.answers["show_message"] = message("queued")
        words = ("send", "--to", "moj.fr", "--message", form, "--wait", "1")

        done = run_at(api, *words)

        assert (done.exit_code, done.stdout) == (8, f"{MESSAGE_ID}\n")

    def test_a_message_that_is_refused_while_waiting_has_failed(
        self,
        api: ScriptedApi,
        form: str,
    ) -> None:
        api.answers["submit"] = SUBMITTED
        api.answers["show_message"] = message("refused")
        words = ("send", "--to", "moj.fr", "--message", form, "--wait")

        assert run_at(api, *words).exit_code == 1

    def test_what_was_ignored_and_advised_is_told(
        self,
        api: ScriptedApi,
        form: str,
    ) -> None:
        advice = shapes.FieldProblem(
            pointer="/payload/deadline",
            code="SOON",
            sentence="is tomorrow",
            blocking=False,
        )
        api.answers["submit"] = shapes.Submitted(
            id=MESSAGE_ID,
            index=7,
            state="queued",
            ignored=("seq",),
            advice=(advice,),
        )

        done = run_at(api, "send", "--to", "moj.fr", "--message", form)

        assert "only the node gives it: seq" in done.stderr
        assert "/payload/deadline: is tomorrow [SOON]" in done.stderr

    def test_what_was_overridden_is_told_with_its_article(
        self,
        api: ScriptedApi,
        form: str,
    ) -> None:
        overridden = shapes.FieldProblem(
            pointer="/payload/facts",
            code="E_SCHEMA",
            sentence="missing",
            blocking=True,
            article="UNTOC 18(15)(c)",
            overridable=True,
        )
        api.answers["submit"] = shapes.Submitted(
            id=MESSAGE_ID, index=7, state="queued", advice=(overridden,)
        )
        words = ("send", "--to", "moj.fr", "--message", form, "--override", "agreed")

        done = run_at(api, *words)

        assert isinstance(api.last.body, shapes.SubmitRequest)
        assert api.last.body.override_reason == "agreed"
        told = "overridden: /payload/facts: missing [E_SCHEMA, UNTOC 18(15)(c)]"
        assert told in done.stderr

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("[]", "expected an object"),
            ("{", "JSON"),
            ('{"a":1,"a":2}', "repeated"),
            ('{"a":1.5}', "fractions"),
        ],
    )
    def test_what_is_no_document_is_refused_before_it_is_sent(
        self,
        api: ScriptedApi,
        tmp_path: Path,
        content: str,
        sentence: str,
    ) -> None:
        path = tmp_path / "broken.json"
        path.write_text(content)

        done = run_at(api, "send", "--to", "moj.fr", "--message", str(path))

        assert done.exit_code == 2
        assert "broken.json" in done.stderr
        assert sentence in done.stderr
        assert api.asked == []

    @pytest.mark.parametrize("name", ["missing.json", "."])
    def test_a_file_that_cannot_be_read_is_named(
        self,
        api: ScriptedApi,
        tmp_path: Path,
        name: str,
    ) -> None:
        path = tmp_path / name

        done = run_at(api, "send", "--to", "moj.fr", "--message", str(path))

        assert done.exit_code == 2
        assert str(path) in done.stderr

    def test_too_large_a_file_is_refused_unread(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        path = tmp_path / "huge.json"
        with path.open("wb") as huge:
            huge.truncate(1 << 40)

        done = run_at(api, "send", "--to", "moj.fr", "--message", str(path))

        assert done.exit_code == 2
        assert "huge.json: over" in done.stderr


class TestList:
    def test_filters_go_to_the_node(self, api: ScriptedApi) -> None:
        api.answers["list_messages"] = shapes.MessagePage(items=(message(),))
        words = ("--box", "out", "--state", "queued", "--peer", "moj.fr")

        done = run_at(
            api,
            *("list", *words, "--case", "c1", "--type", "MLA_REQ", "--limit", "5"),
        )

        assert done.exit_code == 0
        assert MESSAGE_ID in done.stdout
        assert api.last.query == shapes.MessageQuery(
            box="out",
            state="queued",
            peer="moj.fr",
            case="c1",
            type="MLA_REQ",
            limit=5,
        )

    @pytest.mark.parametrize(
        ("given", "sent"),
        [
            ("2026-11-21", "2026-11-21T00:00:00.000Z"),
            ("2026-11-21T23:05", "2026-11-21T23:05:00.000Z"),
            ("2026-11-21T23:05:09.123Z", AT),
            ("2026-11-22T01:05:09.123+02:00", AT),
        ],
    )
    def test_a_moment_is_spelled_as_the_node_wants_it(
        self,
        api: ScriptedApi,
        given: str,
        sent: str,
    ) -> None:
        api.answers["list_messages"] = shapes.MessagePage(items=())

        run_at(api, "list", "--since", given)

        assert api.last.query == shapes.MessageQuery(since=sent)

    def test_what_is_no_moment_is_refused(self, api: ScriptedApi) -> None:
        done = run_at(api, "list", "--since", "yesterday")

        assert done.exit_code == 2
        assert "2026-11-21" in done.stderr

    def test_pages_are_gathered_up_to_the_limit(self, api: ScriptedApi) -> None:
        page = shapes.MessagePage(items=(message(),) * 500, next="more")
        last = shapes.MessagePage(items=(message(message_id=OTHER_ID),), next="rest")
        api.answers["list_messages"] = lambda count: (page, last)[count]

        found = run_at(api, "list", "--limit", "501", "--json").document()

        items = found["items"]
        assert isinstance(items, list)
        assert (len(items), found["next"]) == (501, "rest")
        assert api.last.query == shapes.MessageQuery(cursor="more", limit=1)

    def test_the_last_page_has_no_next(self, api: ScriptedApi) -> None:
        api.answers["list_messages"] = shapes.MessagePage(items=(message(),))

        assert run_at(api, "list", "--json").document()["next"] == ""

    def test_a_pipe_gets_aligned_lines_with_a_head(self, api: ScriptedApi) -> None:
        api.answers["list_messages"] = shapes.MessagePage(items=(message(),), next="m")

        done = run_at(api, "list", "--limit", "1")

        head, row = done.stdout.splitlines()
        assert head.index("BOX") == row.index("out")
        assert "--cursor m" in done.stderr


def test_the_timeline_shows_entry_by_entry(api: ScriptedApi) -> None:
    step = shapes.TimelineStep(
        index=7,
        kind="msg.send",
        at=AT,
        disclosed={"actor": "Anna\u202e"},
    )
    api.answers["timeline"] = shapes.Timeline(
        id=MESSAGE_ID,
        box="out",
        peer="moj.fr",
        state="queued",
        steps=(step,),
    )

    done = run_at(api, "timeline", MESSAGE_ID)

    assert "msg.send" in done.stdout
    assert "actor=Anna\\u202e" in done.stdout
    assert run_at(api, "timeline", MESSAGE_ID, "--json").document()["steps"]


class TestOpen:
    def test_without_a_folder_the_message_is_printed(self, api: ScriptedApi) -> None:
        api.answers["open_message"] = OPENED

        done = run_at(api, "open", MESSAGE_ID, "--purpose", "execution")

        assert json.loads(done.stdout) == OPENED.message
        assert "\x1b" not in done.stdout
        assert api.last.body == opening_shapes.OpenRequest(purpose="execution")

    def test_json_is_the_whole_answer(self, api: ScriptedApi) -> None:
        api.answers["open_message"] = OPENED

        done = run_at(api, "--json", "open", MESSAGE_ID, "--purpose", "x")

        assert done.document()["message"] == OPENED.message
        assert done.document()["manifest"] == OPENED.manifest

    def test_files_are_for_the_caller_alone(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        api.answers["open_message"] = OPENED
        out = tmp_path / "case"

        done = run_at(api, "open", MESSAGE_ID, "--purpose", "x", "--out", str(out))

        assert (done.exit_code, done.stdout) == (0, "")
        assert json.loads((out / "message.json").read_bytes()) == OPENED.message
        assert (out / "manifest.json").read_bytes() == b'{"exact":"bytes"}'
        modes = [path.stat().st_mode & 0o777 for path in (out, *sorted(out.iterdir()))]
        assert modes == [0o700, 0o600, 0o600]

    def test_a_held_message_has_no_manifest(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        api.answers["open_message"] = opening_shapes.Opened(
            id=MESSAGE_ID,
            box="out",
            peer="moj.fr",
            index=9,
            message={},
        )

        run_at(api, "open", MESSAGE_ID, "--purpose", "x", "--out", str(tmp_path / "c"))

        assert [path.name for path in (tmp_path / "c").iterdir()] == ["message.json"]

    def test_nothing_is_overwritten_and_no_access_logged_for_nothing(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "manifest.json").write_text("mine")

        done = run_at(api, "open", MESSAGE_ID, "--purpose", "x", "--out", str(tmp_path))

        assert done.exit_code == 5
        assert "nothing is overwritten" in done.stderr
        assert api.asked == []
        assert (tmp_path / "manifest.json").read_text() == "mine"

    def test_a_link_in_the_place_of_a_file_is_not_followed(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "message.json").symlink_to(tmp_path / "elsewhere")

        done = run_at(api, "open", MESSAGE_ID, "--purpose", "x", "--out", str(tmp_path))

        assert done.exit_code == 5
        assert not (tmp_path / "elsewhere").exists()

    def test_a_link_in_the_place_of_the_folder_is_not_followed(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        out = str(tmp_path / "link")

        done = run_at(api, "open", MESSAGE_ID, "--purpose", "x", "--out", out)

        assert done.exit_code == 2
        assert os.listdir(tmp_path / "real") == []  # noqa: PTH208 - names only

    def test_a_purpose_has_to_be_given(self, api: ScriptedApi) -> None:
        assert run_at(api, "open", MESSAGE_ID).exit_code == 2


class TestQueue:
    @pytest.mark.parametrize(
        ("words", "route"),
        [
            (("confirm", MESSAGE_ID), "confirm_message"),
            (("cancel", MESSAGE_ID, "--reason", "sent twice"), "cancel_message"),
        ],
        ids=["confirm", "cancel"],
    )
    def test_the_new_state_is_told(
        self,
        api: ScriptedApi,
        words: tuple[str, ...],
        route: str,
    ) -> None:
        api.answers[route] = message("cancelled")

        assert f"{MESSAGE_ID} is cancelled" in run_at(api, *words).stderr
        assert run_at(api, *words, "--json").document()["state"] == "cancelled"
        assert api.last.segments == {"id": MESSAGE_ID}

    def test_retrying_everything_for_a_peer(self, api: ScriptedApi) -> None:
        api.answers["retry_messages"] = shapes.Retried(due=0)

        done = run_at(api, "retry", "--peer", "moj.fr", "--json")

        assert (done.exit_code, done.document()) == (0, {"due": 0})
        assert api.last.body == shapes.RetryRequest(peer="moj.fr")

    @pytest.mark.parametrize(("due", "exit_code"), [(2, 0), (1, 8), (0, 5)])
    def test_retrying_some_is_done_whole_in_part_or_not(
        self,
        api: ScriptedApi,
        due: int,
        exit_code: int,
    ) -> None:
        api.answers["retry_messages"] = shapes.Retried(due=due)

        assert run_at(api, "retry", MESSAGE_ID, OTHER_ID).exit_code == exit_code
        assert api.last.body == shapes.RetryRequest(ids=(MESSAGE_ID, OTHER_ID))

    @pytest.mark.parametrize("words", [(), (MESSAGE_ID, "--peer", "moj.fr")], ids=len)
    def test_retrying_needs_messages_or_a_peer(
        self,
        api: ScriptedApi,
        words: tuple[str, ...],
    ) -> None:
        assert run_at(api, "retry", *words).exit_code == 2

    def test_cancelling_what_may_have_been_sent_is_a_conflict(
        self,
        api: ScriptedApi,
    ) -> None:
        api.answers["cancel_message"] = Refused("conflict", 409, "message: was tried")

        assert run_at(api, "cancel", MESSAGE_ID, "--reason", "x").exit_code == 5


class TestReceipt:
    def test_proofs_are_written_under_their_names(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        api.answers["receipts"] = _receipts("origin.tlog-proof")
        out = tmp_path / "proofs"

        first = run_at(api, "receipt", MESSAGE_ID, "--out", str(out))
        again = run_at(api, "receipt", MESSAGE_ID, "--out", str(out))

        assert (first.exit_code, again.exit_code) == (0, 5)
        assert (out / "origin.tlog-proof").read_text() == "c2sp.org/tlog-proof@v1\n"

    @pytest.mark.parametrize("name", ["../up", "/etc/x", ".hidden", "a\nb", ""])
    def test_a_harmful_name_is_never_used(
        self,
        api: ScriptedApi,
        tmp_path: Path,
        name: str,
    ) -> None:
        api.answers["receipts"] = _receipts(name)

        done = run_at(api, "receipt", MESSAGE_ID, "--out", str(tmp_path / "proofs"))

        assert done.exit_code == 2
        assert list((tmp_path / "proofs").iterdir()) == []

    def test_without_a_folder_they_are_listed(self, api: ScriptedApi) -> None:
        api.answers["receipts"] = _receipts("origin.tlog-proof")

        assert "origin.tlog-proof" in run_at(api, "receipt", MESSAGE_ID).stdout
        assert run_at(api, "receipt", MESSAGE_ID, "--json").document()["items"]


def _receipts(name: str) -> shapes.Receipts:
    proof = shapes.Receipt(
        role="origin",
        log="moj.ee/audit/2026",
        index=7,
        kind="msg.send",
        name=name,
        proof="c2sp.org/tlog-proof@v1\n",
    )
    return shapes.Receipts(id=MESSAGE_ID, items=(proof,))
