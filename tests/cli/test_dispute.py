"""The bundle of a message: written whole or not at all, and checked anywhere."""

import base64
import zipfile
from pathlib import Path

import msgspec
import pytest

from gateway.admin import shapes
from gateway.admin.evidence_shapes import CardCopy, ComparedBy, EvidenceParts
from gateway.core.identity import parse_card, verify_card
from gateway.core.translog.proof import PROOF_SUFFIX
from tests.support.bundles import FILES, MESSAGE_ID, PT, delivered
from tests.support.command_line import AT, Done, run, run_at
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

    assert told["file"] == str(out)
    assert told["proofs"] == [proof.name for proof in PARTS.proofs]
    assert told["has_manifest"] is False
    assert told["size_bytes"] == out.stat().st_size


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
        (msgspec.structs.replace(PARTS, envelope=""), 5),
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
