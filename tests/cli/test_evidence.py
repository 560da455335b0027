"""Evidence files on the command line: sending, opening, showing how far they are."""

import base64
import hashlib
import json
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from gateway.admin import opening_shapes, people_shapes, shapes
from gateway.client import transfers
from tests.support.command_line import MESSAGE_ID, message, run_at
from tests.support.evidence_node import Cut, EvidenceNode, Raw, Refusal
from tests.support.scripted_api import Refused, ScriptedApi
from tests.support.waiting import Sleeps

CONTENT = bytes(range(256)) * 1200
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SUBMITTED = shapes.Submitted(id=MESSAGE_ID, index=7, state="queued")
SESSION = people_shapes.Session(
    name="anna-tamm", label="laptop", roles=(), authority="moj.ee"
)


def _item(name: str, **digests: str) -> dict[str, object]:
    listed = [{"alg": alg, "value": value} for alg, value in digests.items()]
    return {"file_name": name, "digest_over": "PLAIN", "digests": listed}


def _attachment(
    name: str, aid: str, state: str = "verified"
) -> opening_shapes.OpenedAttachment:
    return opening_shapes.OpenedAttachment(
        aid=aid,
        name=name,
        media_type="text/csv",
        size=len(CONTENT),
        sha256=SHA256,
        state=state,
    )


def _opened(
    *attachments: opening_shapes.OpenedAttachment,
    items: tuple[dict[str, object], ...] = (),
) -> opening_shapes.Opened:
    return opening_shapes.Opened(
        id=MESSAGE_ID,
        box="in",
        peer="moj.fr",
        index=9,
        message={"payload": {"manifest": list(items)}},
        manifest=base64.b64encode(b"{}").decode(),
        attachments=attachments,
    )


@pytest.fixture
def node(api: ScriptedApi) -> EvidenceNode:
    """The node's part for evidence files."""
    api.answers["session"] = SESSION
    api.answers["submit"] = SUBMITTED
    for aid in "ab":
        api.evidence.files[MESSAGE_ID, aid] = CONTENT
    return api.evidence


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> Sleeps:
    """Nobody waits, and patience ends after a minute."""
    found = Sleeps()
    patience = found.patience(limit_s=60)
    for function in (transfers.send_file, transfers.fetch_file):
        defaults = {**(function.__kwdefaults__ or {}), "patience": patience}
        monkeypatch.setattr(function, "__kwdefaults__", defaults)
    return found


@pytest.fixture
def form(tmp_path: Path) -> str:
    """A message that names two files."""
    path = tmp_path / "form.json"
    items = [_item("one.csv"), _item("two.csv")]
    path.write_text(json.dumps({"msg_type": "EVD", "payload": {"manifest": items}}))
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Both files."""
    found = []
    for number, name in enumerate(("one.csv", "two.csv")):
        path = tmp_path / name
        path.write_bytes(CONTENT[number:])
        found.append(str(path))
    return found


def _send(form: str, files: list[str], *words: str) -> tuple[str, ...]:
    attached = [word for file in files for word in ("--attach", file)]
    return ("send", "--to", "moj.fr", "--message", form, *attached, *words)


class TestSend:
    def test_files_go_first_and_the_message_names_them(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        words = _send(form, files, "--idempotency-key", "case-17")

        done = run_at(api, *words)

        assert (done.exit_code, done.stdout) == (0, f"{MESSAGE_ID}\n")
        assert node.keys == {"case-17:1": "u0", "case-17:2": "u1"}
        assert [kept.content for kept in node.uploads.values()] == [
            CONTENT,
            CONTENT[1:],
        ]
        assert isinstance(api.last.body, shapes.SubmitRequest)
        assert api.last.body.attachments == ("u0", "u1")
        assert "one.csv: sending, 100 %, 300.0 KiB of 300.0 KiB" in done.stderr

    def test_json_keeps_stdout_to_the_document(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        done = run_at(api, *_send(form, files), "--json")
        assert node.uploads
        assert done.document()["id"] == MESSAGE_ID

    def test_a_made_up_key_is_told_before_it_is_needed(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        done = run_at(api, *_send(form, files))
        key = next(iter(node.keys)).removesuffix(":1")
        assert f"--idempotency-key {key} goes on" in done.stderr

    @pytest.mark.usefixtures("sleeps")
    def test_the_same_command_goes_on_where_it_was_broken_off(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        words = _send(form, files, "--idempotency-key", "k")
        down = [Refusal("maintenance", 503, 20)] * 9
        node.faults["append_upload"] = [None, Cut(1000), *down]

        broken = run_at(api, *words)
        node.faults.clear()
        done = run_at(api, *words)

        assert broken.exit_code == 6
        assert "two.csv" in broken.stderr
        assert "--idempotency-key k goes on" in broken.stderr
        assert done.exit_code == 0
        assert node.starts("append_upload")[-1] == 1000
        assert api.names().count("submit") == 1

    def test_two_files_of_one_name_are_refused(
        self,
        api: ScriptedApi,
        node: EvidenceNode,
        *,
        form: str,
        files: list[str],
        tmp_path: Path,
    ) -> None:
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "one.csv").touch()
        again = str(tmp_path / "other" / "one.csv")

        done = run_at(api, *_send(form, [*files, again]))

        assert done.exit_code == 2
        assert "different names" in done.stderr
        assert (api.asked, node.answered) == ([], [])

    @pytest.mark.parametrize("name", ["missing", ".", ".hidden", "a\u202eb"])
    def test_what_cannot_be_sent_is_refused_before_anything_is(
        self,
        api: ScriptedApi,
        node: EvidenceNode,
        *,
        form: str,
        files: list[str],
        tmp_path: Path,
        name: str,
    ) -> None:
        if name not in {"missing", "."}:
            (tmp_path / name).touch()

        done = run_at(api, *_send(form, [*files, str(tmp_path / name)]))

        assert done.exit_code == 2
        assert (api.asked, node.answered) == ([], [])

    def test_a_file_that_no_item_names_is_pointed_out(
        self, api: ScriptedApi, node: EvidenceNode, form: str, tmp_path: Path
    ) -> None:
        (tmp_path / "three.csv").touch()
        done = run_at(api, *_send(form, [str(tmp_path / "three.csv")]))
        assert node.uploads
        assert "three.csv: no item of payload.manifest" in done.stderr

    def test_a_key_too_long_for_one_of_each_file_is_refused(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        words = _send(form, files, "--idempotency-key", "k" * 127)
        assert run_at(api, *words).exit_code == 2
        assert node.answered == []

    def test_who_is_not_known_is_told_before_hours_of_hashing(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        api.answers["session"] = Refused("not-authenticated", 401, "token: expired")
        assert run_at(api, *_send(form, files)).exit_code == 4
        assert node.answered == []

    def test_another_file_under_a_used_key_is_a_conflict(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        words = ("--idempotency-key", "k")
        run_at(api, *_send(form, files, *words))
        done = run_at(api, *_send(form, files[::-1], *words))
        assert done.exit_code == 5
        assert "two.csv" in done.stderr
        assert len(node.uploads) == 2

    def test_waiting_shows_how_much_the_peer_has(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        def standing(there: int, state: str) -> shapes.Message:
            evidence = shapes.AttachmentStanding(
                aid="a", length=2048, there=there, state="stored"
            )
            return msgspec.structs.replace(message(state), evidence=(evidence,))

        told = [standing(0, "queued"), standing(2048, "delivered")]
        api.answers["show_message"] = lambda count: told[count]

        done = run_at(api, *_send(form, files, "--wait"))

        assert node.uploads
        assert done.exit_code == 0
        assert "to moj.fr: delivering, 100 %, 2.0 KiB of 2.0 KiB" in done.stderr

    def test_a_terminal_gets_a_bar_and_stdout_only_data(
        self, api: ScriptedApi, node: EvidenceNode, form: str, files: list[str]
    ) -> None:
        ours, theirs = pty.openpty()
        words = _send(form, files)
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "gateway", "--home", str(api.home), *words],
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"},
        )
        os.close(theirs)
        shown: list[bytes] = []
        reading = threading.Thread(target=_read_all, args=(ours, shown))
        reading.start()
        out, _ = process.communicate(timeout=30)
        reading.join()
        os.close(ours)

        text = b"".join(shown).decode()
        assert process.returncode == 0, text
        assert node.uploads
        assert out.decode() == f"{MESSAGE_ID}\n"
        assert "one.csv" in text
        assert "100%" in text
        assert "\x1b[3" not in text  # no colour


def _read_all(descriptor: int, into: list[bytes]) -> None:
    # Reading from a terminal whose other side is closed is an error on Linux.
    try:
        while block := os.read(descriptor, 65536):
            into.append(block)
    except OSError:
        return


class TestOpen:
    def _open(self, out: Path, *words: str) -> tuple[str, ...]:
        return ("open", MESSAGE_ID, "--purpose", "x", "--out", str(out), *words)

    @pytest.mark.usefixtures("node")
    def test_files_are_fetched_compared_and_named(
        self, api: ScriptedApi, tmp_path: Path
    ) -> None:
        sha512 = hashlib.sha512(CONTENT).hexdigest()
        item = _item("one.csv", **{"SHA-256": SHA256, "SHA-512": sha512, "MD5": "00"})
        api.answers["open_message"] = _opened(
            _attachment("one.csv", "a"), items=(item,)
        )
        out = tmp_path / "case"

        done = run_at(api, *self._open(out))

        assert done.exit_code == 0
        assert done.stdout == (
            f"one.csv  300.0 KiB  SHA-256 {SHA256}  verified  "
            "SHA-512 verified  MD5 not checked\n"
        )
        assert sorted(path.name for path in out.iterdir()) == [
            "manifest.json",
            "message.json",
            "one.csv",
        ]
        assert (out / "one.csv").read_bytes() == CONTENT

    @pytest.mark.usefixtures("node")
    def test_a_digest_that_the_author_listed_must_hold(
        self, api: ScriptedApi, tmp_path: Path
    ) -> None:
        item = _item("one.csv", **{"SHA-512": "ab" * 64})
        api.answers["open_message"] = _opened(
            _attachment("one.csv", "a"), _attachment("two.csv", "b"), items=(item,)
        )

        done = run_at(api, *self._open(tmp_path / "case"))

        assert done.exit_code == 7
        assert "one.csv: not the content that was announced: SHA-512" in done.stderr
        assert not (tmp_path / "case" / "one.csv").exists()
        assert (tmp_path / "case" / "two.csv").read_bytes() == CONTENT

    def test_what_cannot_be_fetched_is_named_and_the_rest_is_there(
        self, api: ScriptedApi, node: EvidenceNode, tmp_path: Path
    ) -> None:
        api.answers["open_message"] = _opened(
            _attachment("one.csv", "a"),
            _attachment("two.csv", "b"),
            _attachment("three.csv", "c", "coming"),
        )
        node.faults["fetch_attachment"] = [Refusal("damaged", 500)]

        done = run_at(api, *self._open(tmp_path / "case"))

        assert done.exit_code == 8
        assert "one.csv: not fetched" in done.stderr
        assert "three.csv: not fetched, coming" in done.stderr
        assert (tmp_path / "case" / "two.csv").exists()

    def test_a_broken_run_is_gone_on_with(
        self, api: ScriptedApi, node: EvidenceNode, tmp_path: Path, sleeps: Sleeps
    ) -> None:
        api.answers["open_message"] = _opened(
            _attachment("one.csv", "a"), _attachment("two.csv", "b")
        )
        down = [Refusal("maintenance", 503, 20)] * 9
        node.faults["fetch_attachment"] = [None, Cut(1000), *down]
        words = self._open(tmp_path / "case")

        broken = run_at(api, *words)
        node.faults.clear()
        refused = run_at(api, *words)
        done = run_at(api, *words, "--resume")
        again = run_at(api, *words, "--resume")

        assert sleeps.slept
        assert (broken.exit_code, refused.exit_code) == (6, 5)
        assert "--resume goes on" in broken.stderr
        assert (done.exit_code, again.exit_code) == (0, 0)
        assert done.stdout == again.stdout
        assert node.starts("fetch_attachment") == [0, 0, 1000]
        assert api.names().count("open_message") == 3

    @pytest.mark.usefixtures("node")
    def test_resuming_leaves_alone_what_is_something_else(
        self, api: ScriptedApi, tmp_path: Path
    ) -> None:
        api.answers["open_message"] = _opened(_attachment("one.csv", "a"))
        out = tmp_path / "case"
        out.mkdir()
        (out / "one.csv").write_bytes(b"mine")
        done = run_at(api, *self._open(out, "--resume"))
        assert done.exit_code == 7
        (out / "message.json").write_text("mine")
        done = run_at(api, *self._open(out, "--resume"))
        assert done.exit_code == 5
        assert (out / "one.csv").read_bytes() == b"mine"
        assert (out / "message.json").read_text() == "mine"

    def test_a_grant_that_ends_is_renewed_as_long_as_bytes_come(
        self, api: ScriptedApi, node: EvidenceNode, tmp_path: Path, sleeps: Sleeps
    ) -> None:
        api.answers["open_message"] = _opened(_attachment("one.csv", "a"))
        ended = Refusal("not-allowed", 403)
        node.faults["fetch_attachment"] = [Cut(9), ended, Cut(9), ended]

        done = run_at(api, *self._open(tmp_path / "case"))

        assert sleeps.slept
        assert done.exit_code == 0
        assert api.names().count("open_message") == 3

        node.faults["fetch_attachment"] = [ended] * 9
        (tmp_path / "case" / "one.csv").unlink()
        done = run_at(api, *self._open(tmp_path / "case", "--resume"))

        assert done.exit_code == 4
        assert api.names().count("open_message") == 5

    def test_some_or_none_can_be_asked_for(
        self, api: ScriptedApi, node: EvidenceNode, tmp_path: Path
    ) -> None:
        api.answers["open_message"] = _opened(
            _attachment("one.csv", "a"), _attachment("two.csv", "b")
        )

        none = run_at(api, *self._open(tmp_path / "1", "--no-attachments"))
        some = run_at(api, *self._open(tmp_path / "2", "--attachment", "two.csv"))
        other = run_at(api, *self._open(tmp_path / "3", "--attachment", "x"))

        assert (none.exit_code, some.exit_code, other.exit_code) == (0, 0, 3)
        assert "one.csv  300.0 KiB" in none.stderr
        assert len(node.answered) == 1
        assert (tmp_path / "2" / "two.csv").exists()

    def test_without_a_folder_they_are_listed(
        self, api: ScriptedApi, node: EvidenceNode
    ) -> None:
        api.answers["open_message"] = _opened(_attachment("one\x1b.csv", "a"))

        done = run_at(api, "open", MESSAGE_ID, "--purpose", "x", "--json")

        assert done.document()["attachments"]
        assert f"one\\u001b.csv  300.0 KiB  SHA-256 {SHA256}  verified" in done.stderr
        assert node.answered == []

    @pytest.mark.parametrize(
        "words",
        [
            ("--resume",),
            ("--attachment", "x"),
            ("--out", "x", "--attachment", "x", "--no-attachments"),
        ],
        ids=len,
    )
    def test_options_that_contradict_each_other_are_refused(
        self, api: ScriptedApi, words: tuple[str, ...]
    ) -> None:
        done = run_at(api, "open", MESSAGE_ID, "--purpose", "x", *words)
        assert done.exit_code == 2
        assert api.asked == []

    def test_no_answer_of_this_api_is_no_evidence(
        self, api: ScriptedApi, node: EvidenceNode, tmp_path: Path, sleeps: Sleeps
    ) -> None:
        api.answers["open_message"] = _opened(_attachment("one.csv", "a"))
        node.faults["fetch_attachment"] = [Raw(200, b"<html>")] * 99
        done = run_at(api, *self._open(tmp_path / "case"))
        assert sleeps.slept
        assert done.exit_code in {6, 7}
        assert not (tmp_path / "case" / "one.csv").exists()


class TestShow:
    def test_every_file_is_shown_with_how_far_it_is(self, api: ScriptedApi) -> None:
        evidence = shapes.AttachmentStanding(
            aid="a1", length=3 << 20, there=1 << 20, state="coming", rate=1024
        )
        api.answers["show_message"] = msgspec.structs.replace(
            message(), attachments=1, attachment_bytes=3 << 20, evidence=(evidence,)
        )

        done = run_at(api, "show", MESSAGE_ID)

        row = done.stdout.splitlines()[-1]
        assert " ".join(row.split()) == (
            "a1 coming 1.0 MiB 3.0 MiB 33 % 1.0 KiB/s 34 min 8 s"
        )
        assert "attachment_bytes  3.0 MiB" in done.stdout
        assert run_at(api, "show", MESSAGE_ID, "--json").document()["evidence"]

    def test_without_files_nothing_is_said_of_them(self, api: ScriptedApi) -> None:
        api.answers["show_message"] = message()
        assert "attachment" not in run_at(api, "show", MESSAGE_ID).stdout.lower()

    def test_the_list_tells_how_many_files_there_are(self, api: ScriptedApi) -> None:
        item = msgspec.structs.replace(message(), attachments=12)
        api.answers["list_messages"] = shapes.MessagePage(items=(item, message()))
        head, *rows = run_at(api, "list").stdout.splitlines()
        place = slice(head.index("FILES"), head.index("FILES") + 5)
        assert [row[place].strip() for row in rows] == ["12", ""]
