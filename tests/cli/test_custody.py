"""`evidence check`, `ack` and `custody`, against an API that answers as told."""

import json
from pathlib import Path

import msgspec
import pytest

from gateway.admin import node_shapes, opening_shapes, shapes
from gateway.admin.evidence_shapes import EvidenceParts
from gateway.admin.shapes import Receipt, TimelineStep
from gateway.admin.verification_shapes import (
    AckDraft,
    AckRequest,
    FileVerification,
    Rejection,
    Remark,
    SignatureShown,
    Verification,
)
from tests.support.command_line import Done, run_at
from tests.support.forms import evidence_message
from tests.support.scripted_api import ScriptedApi

ID = "a41cf273-def6-527f-b96d-48137d4df7de"
ITEM = "95c15820-3b61-57e4-82ac-72e4d2de2fa4"
AID = "00" * 16
GOOD = FileVerification(
    aid=AID,
    item_id=ITEM,
    state="verified",
    checked_at="2026-09-25T09:00:08.000Z",
    decrypts=True,
    size_ok=True,
    digest_ok=True,
    compared=("SHA-256", "SHA-512"),
    custody="good",
)
SIGNATURE = SignatureShown(
    kind="PAdES",
    result="broken",
    signer="CN=R. Pedralva",
    signed_at="2026-09-24T10:00:00Z",
    certificate="ab" * 32,
)
FAULTY = msgspec.structs.replace(
    GOOD,
    faults=("a signature does not hold",),
    looks_like="application/pdf",
    remarks=(Remark(code="E_REF", sentence="NIST file: another country"),),
    signatures=(SIGNATURE,),
)
DRAFT = AckDraft(to="ca01.pt.example", document={"msg_type": "EVD_ACK"})


def known(*files: FileVerification, complete: bool = True) -> Verification:
    return Verification(
        id=ID, box="in", peer="ca01.pt.example", complete=complete, files=files
    )


def ask(api: ScriptedApi, *words: str) -> Done:
    return run_at(api, "evidence", *words)


# --- check ---


def test_what_was_found_is_shown(api: ScriptedApi) -> None:
    api.answers["verification"] = known(GOOD)

    done = ask(api, "check", ID)

    assert done.exit_code == 0
    assert "SHA-256 SHA-512" in done.stdout
    assert "good" in done.stdout


def test_what_speaks_against_a_file_fails_the_command(api: ScriptedApi) -> None:
    api.answers["verification"] = known(FAULTY)

    done = ask(api, "check", ID)

    assert done.exit_code == 7
    for expected in (
        "a signature does not hold",
        "the content begins like application/pdf",
        "NIST file: another country [E_REF]",
        "PAdES, broken, by CN=R. Pedralva, at 2026-09-24T10:00:00Z",
        "revocation not checked",
    ):
        assert expected in done.stderr


@pytest.mark.parametrize(
    ("files", "words"),
    [((), "no files came"), ((FileVerification(aid=AID, state="stored"),), "")],
)
def test_what_is_not_known_is_said(
    api: ScriptedApi, files: tuple[FileVerification, ...], words: str
) -> None:
    api.answers["verification"] = known(*files, complete=not files)

    done = ask(api, "check", ID)

    assert done.exit_code == (8 if files else 0)
    assert words in done.stderr
    assert ("not looked at" in done.stdout) is bool(files)


def test_programs_get_the_answer_itself(api: ScriptedApi) -> None:
    api.answers["verification"] = known(GOOD)

    # Options that all commands have may stand before the command's name too.
    for words in (("--json", "check", ID), ("check", ID, "--json")):
        done = ask(api, *words)
        assert json.loads(done.stdout)["files"][0]["item_id"] == ITEM


# --- ack ---


def test_the_receipt_is_written_and_not_sent(api: ScriptedApi, tmp_path: Path) -> None:
    api.answers["draft_evidence_ack"] = msgspec.structs.replace(DRAFT, left_out=(ITEM,))
    out = tmp_path / "receipt.json"

    done = ask(
        api, "ack", ID, "--reject", "i1", "--reason", "torn", "--accept", "i2",
        "--out", str(out),
    )  # fmt: skip

    assert done.exit_code == 0
    assert json.loads(out.read_text()) == DRAFT.document
    assert api.last.body == AckRequest(
        rejected=(Rejection(item="i1", reason="torn"),), vouched=("i2",)
    )
    assert (
        f"left out, because nobody knows whether it came whole: {ITEM}" in done.stderr
    )
    assert f"send --to ca01.pt.example --message {out}" in done.stderr
    assert api.names() == ["draft_evidence_ack"]


def test_without_a_file_the_receipt_goes_to_stdout(api: ScriptedApi) -> None:
    api.answers["draft_evidence_ack"] = DRAFT

    assert json.loads(ask(api, "ack", ID).stdout) == DRAFT.document
    assert json.loads(ask(api, "ack", ID, "--json").stdout)["to"] == DRAFT.to


def test_the_receipt_is_sent_at_once_if_asked(api: ScriptedApi) -> None:
    api.answers["draft_evidence_ack"] = DRAFT
    api.answers["submit"] = shapes.Submitted(id="m1", index=4, state="queued")

    done = ask(api, "ack", ID, "--send")

    assert done.stdout == "m1\n"
    assert "queued, logged at 4" in done.stderr
    assert isinstance(api.last.body, shapes.SubmitRequest)
    assert api.last.body.message == DRAFT.document
    assert json.loads(ask(api, "ack", ID, "--send", "--json").stdout)["id"] == "m1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reject", "i1"), "one --reason for each --reject"),
        (("--send", "--out", "x.json"), "either --out or --send"),
    ],
)
def test_what_is_not_understood_asks_nothing(
    api: ScriptedApi, words: tuple[str, ...], said: str
) -> None:
    done = ask(api, "ack", ID, *words)

    assert done.exit_code == 2
    assert said in done.stderr
    assert api.names() == []


# --- custody ---


@pytest.fixture
def opening(api: ScriptedApi) -> ScriptedApi:
    document = evidence_message()
    api.answers["open_message"] = opening_shapes.Opened(
        id=ID,
        box="in",
        peer="ca01.pt.example",
        index=9,
        message=dict(document),
        attachments=(
            opening_shapes.OpenedAttachment(
                aid=AID,
                name="subscriber_ledger_support.csv",
                media_type="text/csv",
                size=222,
                sha256="a1" * 32,
                state="verified",
                item_id=ITEM,
            ),
        ),
    )
    api.answers["verification"] = known(FAULTY)
    api.answers["own_card"] = node_shapes.OwnCard(
        authority="moj.ee", number=1, fingerprint="f", card=""
    )
    api.answers["timeline"] = shapes.Timeline(
        id=ID,
        box="in",
        peer="ca01.pt.example",
        state="opened",
        steps=(
            TimelineStep(index=7, kind="msg.receive", at="2026-09-25T09:00:06.000Z"),
            TimelineStep(
                index=9,
                kind="msg.access",
                at="2026-09-25T10:00:00.000Z",
                disclosed={"actor": "kask"},
            ),
        ),
    )
    proof = Receipt(
        role="access",
        log="moj.ee/audit/1",
        index=9,
        kind="msg.access",
        name="access-moj.ee-audit-1-9.tlog-proof",
        proof="c2sp.org/tlog-proof@v1\n",
    )
    api.answers["evidence"] = EvidenceParts(
        id=ID, box="in", peer="ca01.pt.example", entries=(proof,), head_size=10
    )
    return api


def test_the_report_is_written_in_all_its_forms(
    opening: ScriptedApi, tmp_path: Path
) -> None:
    out = tmp_path / "custody"

    done = ask(opening, "custody", ID, "--purpose", "for the court", "--out", str(out))

    assert done.exit_code == 0, done.stderr
    assert "2 items, 1 proofs; the access is entry 9" in done.stderr
    assert opening.names()[0] == "open_message"
    told = json.loads((out / "custody.json").read_text())
    assert (told["node"], told["made_at"]) == ("moj.ee", "2026-09-25T10:00:00.000Z")
    assert told["log"][1]["told"] == "actor: kask"
    assert told["log"][1]["proof"] == "proofs/access-moj.ee-audit-1-9.tlog-proof"
    assert told["items"][0]["file"]["faults"] == ["a signature does not hold"]
    assert "R. Pedralva" in told["items"][0]["file"]["signatures"][0]
    assert json.loads((out / "custody.jsonld").read_text())["@graph"]
    assert "Chain of custody" in (out / "custody.html").read_text()
    assert (out / "hashes.txt").read_text().startswith("SHA-256  a1a1")
    assert (out / told["log"][1]["proof"]).read_text().startswith("c2sp.org")
    assert out.stat().st_mode & 0o077 == 0


def test_the_page_comes_in_french_too(opening: ScriptedApi, tmp_path: Path) -> None:
    out = tmp_path / "custody"

    done = ask(
        opening, "custody", ID, "--purpose", "x", "--out", str(out), "--language", "fr",
        "--json",
    )  # fmt: skip

    assert json.loads(done.stdout)["items"] == 2
    assert "Chaîne de conservation" in (out / "custody.html").read_text()


def test_a_folder_that_is_taken_costs_no_access(
    opening: ScriptedApi, tmp_path: Path
) -> None:
    (tmp_path / "old").write_text("x")

    done = ask(opening, "custody", ID, "--purpose", "x", "--out", str(tmp_path))

    assert done.exit_code == 5
    assert opening.names() == []


def test_without_a_command_a_bundle_is_meant(api: ScriptedApi) -> None:
    assert "say --out FILE or --folder DIR" in ask(api, ID).stderr
    assert "name messages, or a case" in ask(api, "--out", "x.zip").stderr
    assert "bundle" in ask(api, "--help").stdout
    assert "custody" in ask(api).stdout + ask(api).stderr
