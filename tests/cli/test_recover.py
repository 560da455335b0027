"""`recover`: what it says to people, and what it refuses to be asked."""

from pathlib import Path

import pytest

from gateway.assembly.recovering import LogStanding
from gateway.cli import local
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.log import LogHead
from gateway.ports.recovery import RecoveryNote
from gateway.storage.rewriting import LostMessage, Restored
from tests.support.command_line import MESSAGE_ID, run_at
from tests.support.scripted_api import ScriptedApi

PEER = AuthorityId("moj.fr")


def answers(monkeypatch: pytest.MonkeyPatch, name: str, answer: object) -> list[object]:
    """Let a local step answer; return what it is asked."""
    asked: list[object] = []

    def step(*arguments: object) -> object:
        asked.extend(arguments)
        return answer

    monkeypatch.setattr(local, name, step)
    return asked


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--status", "--tail", "x"),
        ("--new-epoch",),
        ("--new-epoch", "--out", "x", "--statement", "y"),
        ("--past", "1"),
        ("--past", "0", "--out", "x"),
        ("--out", "x"),
    ],
)
def test_what_is_not_one_task_is_refused(
    api: ScriptedApi,
    words: tuple[str, ...],
) -> None:
    done = run_at(api, "recover", *words)
    assert done.exit_code == 2
    assert not done.stdout


@pytest.mark.parametrize("is_missing", [True, False])
def test_the_status_names_who_holds_what(
    api: ScriptedApi,
    monkeypatch: pytest.MonkeyPatch,
    is_missing: bool,  # noqa: FBT001 - a case of the table
) -> None:
    note = RecoveryNote(PEER, 13, b"\1" * 32, b"note", UnixMs(1_790_000_000_000))
    notes = [note] if is_missing else []
    standing = LogStanding("moj.ee/audit/1", LogHead(9, EMPTY_ROOT), notes)
    answers(monkeypatch, "log_standing", standing)
    told = run_at(api, "recover", "--status")
    assert told.exit_code == 0
    text = told.stdout + told.stderr
    assert "moj.ee/audit/1: 9 entries in the database" in text
    assert ("missing: size 13, held by moj.fr" in text) is is_missing
    assert ("nothing is known to be missing" in text) is not is_missing
    document = run_at(api, "recover", "--status", "--json").document()
    assert document["recovery"] is is_missing


def test_it_says_what_to_do_about_each_lost_message(
    api: ScriptedApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = ("msg.receive", "msg.send", "msg.hold")
    lost = tuple(LostMessage(MessageId(MESSAGE_ID), PEER, kind) for kind in kinds)
    asked = answers(monkeypatch, "restore_tail", Restored(7, 6, 2, 1, lost))
    done = run_at(api, "recover", "--tail", "kept")
    assert asked == [api.home, Path("kept"), ()]
    text = done.stdout + done.stderr
    assert "7 entries were there, 6 were put back, 2 logged again" in text
    assert "1 checkpoints were signed over entries that moved" in text
    assert f"lost: message {MESSAGE_ID} from moj.fr: ask them to send it again" in text
    assert "to moj.fr: they may have it" in text
    assert "to moj.fr: was not sent" in text
