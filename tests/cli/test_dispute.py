"""The bundle of a message: written whole or not at all, and checked anywhere."""

import base64
import zipfile
from pathlib import Path

import msgspec
import pytest

from gateway.admin import node_shapes, shapes
from gateway.admin.evidence_shapes import (
    CardCopy,
    ComparedBy,
    EntryDisclosures,
    EvidenceParts,
    EvidenceQuery,
    HeadLink,
)
from gateway.admin.witness_shapes import RoundList
from gateway.core.identity import parse_card, verify_card
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.core.values import MessageId
from gateway.verifier.proven import claimed_leaf
from tests.support.bundles import FILES, MESSAGE_ID, PT, delivered
from tests.support.command_line import AT, Done, run, run_at
from tests.support.disputes import make_case, trusted
from tests.support.scripted_api import Refused, ScriptedApi

DISPUTE, PROOFS = delivered()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _card(raw: bytes) -> CardCopy:
    card = verify_card(raw, stage=parse_card(raw).card.stage)
    return CardCopy(
        authority=card.authority,
        fingerprint=card.fingerprint,
        card=_text(raw),
    )


PARTS = EvidenceParts(
    id=MESSAGE_ID,
    box="out",
    peer=PT,
    envelope=_text(DISPUTE.sealed.raw),
    proofs=tuple(
        shapes.Receipt(
            role="origin",
            log="moj.ee/audit/1",
            index=1,
            kind="msg.send",
            name=name,
            proof=raw.decode(),
        )
        for one in PROOFS
        for name, raw in one.items()
    ),
    cards=tuple(map(_card, DISPUTE.cards)),
    enrolment=ComparedBy(
        fingerprint=DISPUTE.pt.root.fingerprint,
        compared_by="anna",
        compared_how="read out by phone",
        compared_at=AT,
    ),
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "evidence.zip"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_bytes(DISPUTE.content)
    return path


def ask(api: ScriptedApi, out: Path, *words: str) -> Done:
    return run_at(api, "evidence", MESSAGE_ID, "--out", str(out), *words)


def verify(bundle: Path, *words: str) -> Done:
    options: list[str] = []
    for name, card in zip(("ee", "pt"), DISPUTE.cards, strict=True):
        path = bundle.with_name(f"{name}.card")
        path.write_bytes(card)
        options += ["--keys", str(path)]
    return run("verify", str(bundle), *options, *words)


def test_a_bundle_is_written_for_the_caller_alone_and_verifies(
    api: ScriptedApi,
    out: Path,
    manifest: Path,
    tmp_path: Path,
) -> None:
    api.answers["evidence"] = PARTS
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)

    done = ask(api, out, "--manifest", str(manifest))
    checked = verify(out, "--attachments", str(tmp_path))

    assert (done.exit_code, done.stdout) == (0, "")
    assert "3 proofs, with its manifest" in done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    assert api.last.segments == {"id": MESSAGE_ID}
    assert checked.exit_code == 0
    assert "RESULT       VERIFIED" in checked.stdout


def test_without_a_manifest_there_is_no_plaintext(api: ScriptedApi, out: Path) -> None:
    api.answers["evidence"] = PARTS

    assert "no plaintext" in ask(api, out).stderr
    with zipfile.ZipFile(out) as bundle:
        names = bundle.namelist()
    assert "manifest.json" not in names
    assert len([name for name in names if name.endswith(PROOF_SUFFIX)]) == 3
    assert verify(out, "--json").document()["result"] == "ok"


def test_what_was_written_can_be_told_as_json(api: ScriptedApi, out: Path) -> None:
    api.answers["evidence"] = PARTS

    told = ask(api, out, "--json").document()

    assert told["path"] == str(out)
    assert told["ids"] == [MESSAGE_ID]
    assert (told["proofs"], told["manifests"], told["disclosures"]) == (3, 0, 0)
    assert told["size_bytes"] == out.stat().st_size
    with zipfile.ZipFile(out) as bundle:
        assert len(bundle.namelist()) == told["files"]


def test_a_peer_that_was_removed_leaves_its_card_out(
    api: ScriptedApi,
    out: Path,
) -> None:
    api.answers["evidence"] = msgspec.structs.replace(
        PARTS,
        cards=PARTS.cards[:1],
        enrolment=None,
    )

    assert ask(api, out).exit_code == 0
    assert verify(out).exit_code == 0


def test_nothing_is_overwritten_and_no_look_is_logged_for_nothing(
    api: ScriptedApi,
    out: Path,
) -> None:
    out.write_text("mine")

    done = ask(api, out)

    assert done.exit_code == 5
    assert (api.asked, out.read_text()) == ([], "mine")


@pytest.mark.parametrize(
    ("answer", "exit_code"),
    [
        (Refused("not-found", 404, "message: unknown"), 3),
        (msgspec.structs.replace(PARTS, envelope="", proofs=()), 5),
        (msgspec.structs.replace(PARTS, envelope=_text(b"no envelope")), 2),
        (msgspec.structs.replace(PARTS, peer="Nobody"), 2),
        (
            msgspec.structs.replace(
                PARTS,
                proofs=(msgspec.structs.replace(PARTS.proofs[0], name="../up"),),
            ),
            2,
        ),
    ],
    ids=["unknown", "held", "no envelope", "no peer", "harmful name"],
)
def test_a_bundle_that_can_not_be_made_leaves_nothing(
    api: ScriptedApi,
    out: Path,
    answer: EvidenceParts | Refused,
    exit_code: int,
) -> None:
    api.answers["evidence"] = answer

    assert ask(api, out).exit_code == exit_code
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"{}", DISPUTE.content + b"\n"])
def test_only_the_manifest_of_this_message_goes_in(
    api: ScriptedApi,
    out: Path,
    manifest: Path,
    content: bytes,
) -> None:
    api.answers["evidence"] = PARTS
    manifest.write_bytes(content)

    assert ask(api, out, "--manifest", str(manifest)).exit_code == 2
    assert not out.exists()


def test_a_damaged_bundle_fails(api: ScriptedApi, out: Path) -> None:
    api.answers["evidence"] = PARTS
    ask(api, out)
    raw = bytearray(out.read_bytes())
    raw[len(raw) // 2] ^= 1
    out.write_bytes(raw)

    done = verify(out)

    assert done.exit_code == 7
    assert "RESULT       FAILED" in done.stdout


def test_a_place_that_can_not_be_written_is_told(
    api: ScriptedApi, tmp_path: Path
) -> None:
    assert ask(api, tmp_path / "none" / "x.zip").exit_code == 2
    assert api.asked == []


SECOND_ID = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75c"


def case_answers(api: ScriptedApi, *peers: str) -> None:
    """Answer for a case of two messages, of which the second was erased."""
    case = make_case()
    names = {parts.id: parts for parts in case.messages}

    def parts_of(count: int) -> EvidenceParts:
        del count
        message_id = api.last.segments["id"]
        found = names[MessageId(message_id)]
        return msgspec.structs.replace(
            PARTS,
            id=message_id,
            box="in",
            peer="moj.ee",
            envelope=_text(found.envelope),
            proofs=tuple(
                shapes.Receipt(
                    role="any",
                    log="pgr.pt/audit/1",
                    index=1,
                    kind="any",
                    name=name,
                    proof=raw.decode(),
                )
                for name, raw in found.proofs.items()
            ),
            disclosures=tuple(
                EntryDisclosures(index=index, disclosures=tuple(strings))
                for index, strings in found.disclosures.items()
            ),
            cards=tuple(map(_card, case.dispute.cards)),
            enrolment=None,
            head=case.shared.head.decode(),
            head_size=7,
            held=case.shared.held.decode(),
            links=tuple(
                HeadLink(old=old, new=new, hashes=tuple(map(_text, hashes)))
                for (old, new), hashes in case.shared.links.items()
            ),
        )

    api.answers["evidence"] = parts_of
    api.answers["list_messages"] = shapes.MessagePage(
        items=tuple(
            shapes.Message(
                id=message_id,
                box="in",
                peer=peer,
                state="opened",
                priority="routine",
                created_at=AT,
                accepted_at=AT,
                updated_at=AT,
                index=1,
            )
            for message_id, peer in zip((SECOND_ID, MESSAGE_ID), peers, strict=True)
        ),
    )


def test_a_case_is_one_bundle_oldest_message_first(
    api: ScriptedApi,
    tmp_path: Path,
) -> None:
    case_answers(api, "moj.ee", "moj.ee")
    folder, packed = tmp_path / "case", tmp_path / "case.zip"
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(make_case().messages[0].content)

    words = ("--case", "K-7", "--manifest", str(manifest))
    told = run_at(api, "evidence", *words, "--folder", str(folder), "--json")
    done = run_at(api, "evidence", *words, "--out", str(packed))

    asked = [one for one in api.asked if one.name == "evidence"][:2]
    assert [one.segments["id"] for one in asked] == [MESSAGE_ID, SECOND_ID]
    # What follows is linked to the head that the first answer named.
    assert [one.query for one in asked] == [EvidenceQuery(), EvidenceQuery(head=7)]
    assert told.document()["ids"] == [MESSAGE_ID, SECOND_ID]
    assert (told.document()["manifests"], told.document()["disclosures"]) == (1, 3)
    assert "2 messages, 8 proofs, manifests of 1" in done.stderr
    keys: list[str] = []
    for path in trusted(tmp_path, make_case().dispute.cards):
        keys += ["--keys", str(path)]
    for bundle in (folder, packed):
        checked = run("verify", str(bundle), *keys)
        assert checked.exit_code == 0, checked.stdout
        assert 'purpose="to answer"' in checked.stdout
    assert not list(tmp_path.glob(".bundle-*"))


def test_a_case_with_two_peers_is_two_disputes(
    api: ScriptedApi, tmp_path: Path
) -> None:
    case_answers(api, "moj.ee", "moj.fr")

    done = run_at(api, "evidence", "--case", "K-7", "--out", str(tmp_path / "x.zip"))

    assert done.exit_code == 2
    assert "moj.ee and moj.fr" in done.stderr
    assert not (tmp_path / "x.zip").exists()


def test_a_case_without_messages_is_told(api: ScriptedApi, tmp_path: Path) -> None:
    api.answers["list_messages"] = shapes.MessagePage(items=())

    done = run_at(api, "evidence", "--case", "K-8", "--folder", str(tmp_path / "x"))

    assert done.exit_code == 3


@pytest.mark.parametrize(
    "words",
    [
        (),
        (MESSAGE_ID, "--case", "K-7", "--out", "x.zip"),
        (MESSAGE_ID,),
        (MESSAGE_ID, "--out", "x.zip", "--folder", "x"),
    ],
)
def test_what_is_wanted_and_where_to_is_said_once(
    api: ScriptedApi,
    words: tuple[str, ...],
) -> None:
    assert run_at(api, "evidence", *words).exit_code == 2
    assert api.asked == []


def test_a_manifest_of_a_message_that_is_not_asked_for_is_refused(
    api: ScriptedApi,
    out: Path,
    manifest: Path,
) -> None:
    words = (SECOND_ID, "--out", str(out), "--manifest", str(manifest))

    done = run_at(api, "evidence", *words)

    assert (done.exit_code, api.asked) == (2, [])
    assert not out.exists()


def test_one_case_of_the_log_is_exported_with_proofs_and_nothing_else(
    api: ScriptedApi,
    tmp_path: Path,
) -> None:
    case_answers(api, "moj.ee", "moj.ee")
    case = make_case()
    api.answers["rounds"] = RoundList(items=(), next=0)
    api.answers["own_card"] = node_shapes.OwnCard(
        authority="pgr.pt",
        fingerprint="",
        number=1,
        card=_text(case.dispute.cards[1]),
    )
    api.answers["log_checkpoint"] = node_shapes.LogCheckpoint(
        origin="pgr.pt/audit/1",
        size=7,
        root="",
        note=case.shared.head.decode(),
    )
    by_place = api.answers["evidence"]

    def placed(count: int) -> EvidenceParts:
        assert callable(by_place)
        found = by_place(count)
        assert isinstance(found, EvidenceParts)
        return msgspec.structs.replace(
            found,
            proofs=tuple(
                msgspec.structs.replace(
                    one,
                    log=claimed_leaf(one.proof.encode()).log,
                    index=claimed_leaf(one.proof.encode()).index,
                )
                for one in found.proofs
            ),
        )

    api.answers["evidence"] = placed
    folder = tmp_path / "log"

    done = run_at(api, "audit", "export", "--case", "K-7", "--out", str(folder))

    assert "6 of 7 entries of pgr.pt/audit/1" in done.stderr
    files = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert {name for name in files if name.startswith("proofs/")} == {
        f"proofs/{index}.tlog-proof" for index in range(1, 7)
    }
    assert {name.partition("/")[0] for name in files} == {
        "MANIFEST.sha256",
        "README.txt",
        "checkpoint",
        "consistency",
        "disclosures",
        "keys.txt",
        "policy",
        "proofs",
        "receipts",
    }
    keys: list[str] = []
    for path in trusted(tmp_path, case.dispute.cards):
        keys += ["--keys", str(path)]
    checked = run("verify", str(folder), *keys)
    assert checked.exit_code == 0, checked.stdout
    assert "entries without a proof here" in checked.stdout
