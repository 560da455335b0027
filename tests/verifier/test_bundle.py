"""Dispute bundles: written the same every time, and each rule broken once."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.core.envelope import parse_manifest
from gateway.core.envelope.manifest import encode_manifest
from gateway.core.errors import UsageError
from gateway.core.values import AuthorityId, HexDigest
from gateway.verifier.bundle import encode_enrolment, parse_enrolment
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome, Report
from gateway.verifier.verify import verify_path
from tests.support.bundles import (
    FILES,
    MESSAGE_ID,
    PT,
    Dispute,
    Proofs,
    content_of,
    delivered,
    encode_bundle,
    make_dispute,
    pack,
    pack_listed,
    seal_message,
    unpack,
)
from tests.support.cards import CardMaker
from tests.support.exports import problems, write_keys

DELIVERED, PROOFS = delivered()
WHOLE = encode_bundle(DELIVERED.parts(*PROOFS, content=DELIVERED.content))
OTHER_ID = "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75b"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the cards of both sides, which were compared."""
    for name, card in zip(("ee", "pt"), DELIVERED.cards, strict=True):
        (tmp_path / f"{name}.card").write_bytes(card)
    return tmp_path


@pytest.fixture
def dispute() -> Dispute:
    """A message about which nothing is logged yet."""
    return make_dispute()


def options(place: Path) -> VerifyOptions:
    return VerifyOptions(keys=(place / "ee.card", place / "pt.card"))


def verify(
    place: Path,
    raw: bytes,
    *,
    attachments: Path | None = None,
    policy: Path | None = None,
) -> Report:
    bundle = place / "bundle.zip"
    bundle.write_bytes(raw)
    asked = replace(options(place), attachments=attachments, policy=policy)
    return verify_path(bundle, asked)


def check(place: Path, dispute: Dispute, *proofs: Proofs) -> Report:
    return verify(place, encode_bundle(dispute.parts(*proofs)))


def save_files(place: Path) -> Path:
    folder = place / "files"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


# --- what is right ---


def test_a_whole_bundle_shows_who_sent_received_and_opened_what(place: Path) -> None:
    report = verify(place, WHOLE, attachments=save_files(place))
    assert report.outcome is Outcome.OK
    rendered = report.render()
    assert "ORIGIN       moj.ee logged having sent this envelope" in rendered
    assert "RECEIPT      pgr.pt logged having had this envelope" in rendered
    assert "OPENING      pgr.pt logged having opened it for a person" in rendered
    assert "MANIFEST     manifest.json is what the sender logged" in rendered
    assert "ATTACHMENT   ekspertiis.pdf: 15 bytes" in rendered
    assert f"message {MESSAGE_ID} from moj.ee to pgr.pt" in rendered
    assert "anna compared pgr.pt" in rendered
    assert "that the recipient read it" in report.not_shown
    assert "that the recipient opened it" not in report.not_shown
    assert report.to_json()["kind"] == "bundle"


def test_what_is_not_in_a_bundle_is_told_as_not_shown(
    place: Path,
    dispute: Dispute,
) -> None:
    report = check(place, dispute, dispute.origin())
    assert report.exit_code == 0
    assert {
        "that the recipient had it",
        "that the recipient opened it",
        "what is inside, because no manifest was given",
    } <= set(report.not_shown)


@pytest.mark.parametrize(
    ("role", "kind", "is_of_sender"),
    [
        ("refusal", "msg.reject", False),
        ("expiry", "msg.expire", True),
        ("cancellation", "msg.cancel", True),
    ],
)
def test_every_other_end_of_a_message_can_be_proven(
    place: Path,
    dispute: Dispute,
    role: str,
    kind: str,
    is_of_sender: bool,  # noqa: FBT001 - a case of the table
) -> None:
    maker = dispute.ee if is_of_sender else dispute.pt
    proofs = dispute.entry(maker, role, kind, res="too-late")
    report = check(place, dispute, dispute.origin(), proofs)
    assert report.exit_code == 0
    assert f"{role.upper():<12} {maker.authority} logged" in report.render()
    assert "too-late" in report.render()


def test_a_message_that_was_sealed_again_keeps_its_earlier_proofs(
    place: Path,
    dispute: Dispute,
) -> None:
    earlier = seal_message(kem="retired")
    first = dispute.origin(dig=earlier.digest, man=earlier.content_digest)
    refused = dispute.entry(
        dispute.pt,
        "key-refusal",
        "msg.reject",
        dig=earlier.digest,
        res="key-retired",
    )
    report = check(
        place, dispute, first, refused, dispute.origin(ref=2), dispute.receipt()
    )
    assert report.exit_code == 0
    assert report.render().count("another sealing of the same message") == 2


def test_a_message_that_waits_to_be_sealed_again_is_refused_for_its_key(
    place: Path,
    dispute: Dispute,
) -> None:
    refused = dispute.entry(
        dispute.pt,
        "key-refusal",
        "msg.reject",
        res="key-retired",
    )
    assert check(place, dispute, dispute.origin(), refused).exit_code == 0


def test_a_bundle_is_recognised_without_its_name(place: Path) -> None:
    path = place / "bundle"
    path.write_bytes(WHOLE)
    assert verify_path(path, options(place)).exit_code == 0


def test_plain_keys_are_enough_and_say_nothing_of_the_cards(place: Path) -> None:
    keys = DELIVERED.ee.audit_signer.keys + DELIVERED.pt.audit_signer.keys
    given_keys = VerifyOptions(keys=(write_keys(place / "vkeys", keys),))
    bundle = place / "bundle.zip"
    bundle.write_bytes(WHOLE)
    report = verify_path(bundle, given_keys)
    assert report.exit_code == 0
    assert report.render().count("not believed, only what --keys gave is") == 2


def test_an_enrolment_reads_back() -> None:
    raw = encode_enrolment(DELIVERED.enrolment)
    assert parse_enrolment(raw) == DELIVERED.enrolment


# --- one broken rule, one code ---


Spoil = Callable[[Dispute], tuple[Proofs, ...]]

WRONG_ENTRIES: dict[str, tuple[str, Spoil]] = {
    "sent with another digest": (
        "other-digest",
        lambda d: (d.origin(), d.origin(dig="0" * 64)),
    ),
    "received with another digest": (
        "other-digest",
        lambda d: (d.origin(), d.receipt(dig="0" * 64)),
    ),
    "refused with another digest": (
        "other-digest",
        lambda d: (
            d.origin(),
            d.entry(d.pt, "refusal", "msg.reject", dig="0" * 64, res="key-retired"),
        ),
    ),
    "expired without a digest": (
        "other-digest",
        lambda d: (d.origin(), d.entry(d.ee, "expiry", "msg.expire", dig="")),
    ),
    "received another message": (
        "other-message",
        lambda d: (d.origin(), d.receipt(m=OTHER_ID)),
    ),
    "sent to somebody else": (
        "other-peer",
        lambda d: (d.origin(), d.origin(peer="moj.fr")),
    ),
    "received from somebody else": (
        "other-peer",
        lambda d: (d.origin(), d.receipt(peer="moj.fr")),
    ),
    "received by the sender": (
        "other-log",
        lambda d: (d.origin(), d.entry(d.ee, "receipt", "msg.receive")),
    ),
    "sent by the recipient": (
        "other-log",
        lambda d: (d.origin(), d.entry(d.pt, "origin", "msg.send")),
    ),
    "a kind that is no evidence": (
        "kind",
        lambda d: (d.origin(), d.entry(d.pt, "receipt", "auth.fail", m="", dig="")),
    ),
    "a hold that is called a receipt": (
        "proof-name",
        lambda d: (d.origin(), d.entry(d.pt, "receipt", "msg.hold")),
    ),
    "an opening that was refused": (
        "no-opening",
        lambda d: (
            d.origin(),
            d.receipt(),
            d.entry(d.pt, "opening", "msg.access", ref=1, res="not-allowed"),
        ),
    ),
    "an opening of something else": (
        "other-entry",
        lambda d: (
            d.origin(),
            d.receipt(),
            d.entry(d.pt, "opening", "msg.access", ref=0),
        ),
    ),
    "a receipt that is called an opening": (
        "proof-name",
        lambda d: (d.origin(), d.entry(d.pt, "opening", "msg.receive")),
    ),
}


@pytest.mark.parametrize("what", WRONG_ENTRIES)
def test_an_entry_about_something_else_fails(
    place: Path,
    dispute: Dispute,
    what: str,
) -> None:
    code, spoil = WRONG_ENTRIES[what]
    report = check(place, dispute, *spoil(dispute))
    assert (list(problems(report)), report.exit_code) == ([code], 7)


def test_without_an_origin_nothing_binds_the_sender(
    place: Path,
    dispute: Dispute,
) -> None:
    report = check(place, dispute, dispute.receipt())
    assert (list(problems(report)), report.exit_code) == (["no-origin"], 8)
    assert "that the sender sent it" in report.not_shown


def test_an_opening_without_a_receipt_is_incomplete(
    place: Path,
    dispute: Dispute,
) -> None:
    opened = dispute.entry(dispute.pt, "opening", "msg.access", ref=1)
    report = check(place, dispute, dispute.origin(), opened)
    assert (list(problems(report)), report.exit_code) == (["no-receipt"], 8)


def test_a_bundle_without_proofs_shows_nothing(place: Path, dispute: Dispute) -> None:
    report = check(place, dispute)
    assert report.exit_code == 8
    assert list(problems(report)) == ["no-origin"]


def test_a_log_whose_keys_were_not_given_is_not_believed(place: Path) -> None:
    bundle = place / "bundle.zip"
    bundle.write_bytes(WHOLE)
    report = verify_path(bundle, VerifyOptions(keys=(place / "ee.card",)))
    assert report.exit_code == 7
    assert "NO CONFIGURED KEY" in problems(report)["no-configured-key"]


def test_cards_in_a_bundle_do_not_make_their_own_proofs_good(
    place: Path,
    dispute: Dispute,
) -> None:
    thief = CardMaker(authority=PT, root_label="thief", log_label="thief")
    forged = (dispute.cards[0], thief.make())
    dispute.pt.log_label = "thief"
    enrolment = replace(dispute.enrolment, fingerprint=thief.root.fingerprint)
    parts = dispute.parts(
        dispute.origin(),
        dispute.receipt(),
        cards=forged,
        enrolment=enrolment,
    )
    report = verify(place, encode_bundle(parts))
    assert set(problems(report)) == {"no-configured-key", "fingerprint-differs"}


def test_a_forged_proof_fails(place: Path) -> None:
    files = DELIVERED.files(*PROOFS)
    name = next(name for name in files if name.startswith("proofs/receipt"))
    files[name] = files[name].replace(b"extra e", b"extra f")
    report = verify(place, pack_listed(files))
    assert report.exit_code == 7


def test_an_envelope_of_another_message_fails(place: Path) -> None:
    files = DELIVERED.files(*PROOFS)
    files["envelope.bin"] = seal_message().raw
    report = verify(place, pack_listed(files))
    assert report.exit_code == 7
    assert "other-digest" in problems(report)


def test_an_envelope_that_is_none_fails(place: Path) -> None:
    files = DELIVERED.files(*PROOFS) | {"envelope.bin": b"sealed"}
    report = verify(place, pack_listed(files))
    assert "ENVELOPE" in problems(report)["malformed"]


def _card_of_somebody(files: dict[str, bytes]) -> None:
    files["cards/moj.fr.card"] = files["cards/moj.ee.card"]


def _card_under_another_name(files: dict[str, bytes]) -> None:
    files["cards/pgr.pt.card"] = files["cards/moj.ee.card"]
    del files["enrolment.json"]


def _card_that_is_none(files: dict[str, bytes]) -> None:
    files["cards/pgr.pt.card"] = b"{}"


def _enrolment_of_somebody(files: dict[str, bytes]) -> None:
    record = parse_enrolment(files["enrolment.json"])
    changed = replace(record, peer=AuthorityId("moj.fr"))
    files["enrolment.json"] = encode_enrolment(changed)


def _enrolment_with_another_fingerprint(files: dict[str, bytes]) -> None:
    record = parse_enrolment(files["enrolment.json"])
    changed = replace(record, fingerprint=HexDigest("0" * 64))
    files["enrolment.json"] = encode_enrolment(changed)


def _enrolment_that_is_none(files: dict[str, bytes]) -> None:
    files["enrolment.json"] = b"{}"


@pytest.mark.parametrize(
    ("spoil", "code", "subject"),
    [
        (_card_of_somebody, "other-card", "CARD"),
        (_card_under_another_name, "other-card", "CARD"),
        (_card_that_is_none, "malformed", "CARD"),
        (_enrolment_of_somebody, "other-peer", "ENROLMENT"),
        (_enrolment_with_another_fingerprint, "fingerprint-differs", "ENROLMENT"),
        (_enrolment_that_is_none, "malformed", "ENROLMENT"),
    ],
)
def test_cards_and_enrolment_agree_with_the_message(
    place: Path,
    spoil: Callable[[dict[str, bytes]], None],
    code: str,
    subject: str,
) -> None:
    files = DELIVERED.files(*PROOFS)
    spoil(files)
    report = verify(place, pack_listed(files))
    assert report.exit_code == 7
    assert list(problems(report)) == [code]
    assert problems(report)[code].startswith(subject)


def test_a_root_other_than_the_known_one_fails(place: Path, dispute: Dispute) -> None:
    other = CardMaker(authority=PT, root_label="new")
    cards = (dispute.cards[0], other.make())
    enrolment = replace(dispute.enrolment, fingerprint=other.root.fingerprint)
    parts = dispute.parts(dispute.origin(), cards=cards, enrolment=enrolment)
    report = verify(place, encode_bundle(parts))
    assert "CARD" in problems(report)["fingerprint-differs"]


# --- what is inside ---


def _other_content(dispute: Dispute, change: str) -> bytes:
    manifest = parse_manifest(dispute.content)
    first, *rest = manifest.attachments
    changed = {
        "other-header": replace(manifest, header_digest=bytes(32)),
        "other-message": replace(manifest, sender=PT),
        "other-attachments": replace(
            manifest,
            attachments=(replace(first, size=first.size + 5_000), *rest),
        ),
        "order": replace(manifest, attachments=(*rest, first)),
    }
    return encode_manifest(changed[change])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("other-header", "other-header"),
        ("other-message", "other-message"),
        ("other-attachments", "other-attachments"),
        ("order", "other-attachments"),
    ],
)
def test_a_logged_manifest_of_another_envelope_fails(
    place: Path,
    dispute: Dispute,
    change: str,
    code: str,
) -> None:
    content = _other_content(dispute, change)
    origin = dispute.origin(man=hashlib.sha256(content).hexdigest())
    parts = dispute.parts(origin, content=content)
    report = verify(place, encode_bundle(parts), attachments=save_files(place))
    assert report.exit_code == 7
    assert list(problems(report)) == [code, "no-manifest"]


def test_a_manifest_that_was_not_logged_fails(place: Path) -> None:
    files = DELIVERED.files(*PROOFS)
    files["manifest.json"] = content_of(seal_message())
    report = verify(place, pack_listed(files))
    assert list(problems(report)) == ["digest-differs"]


def test_a_manifest_that_is_none_fails(place: Path) -> None:
    files = DELIVERED.files(*PROOFS) | {"manifest.json": b"{}"}
    assert "MANIFEST" in problems(verify(place, pack_listed(files)))["malformed"]


def test_a_manifest_without_an_origin_is_not_compared(
    place: Path,
    dispute: Dispute,
) -> None:
    files = dispute.files(dispute.receipt()) | {"manifest.json": dispute.content}
    report = verify(place, pack_listed(files))
    assert report.exit_code == 8
    assert set(problems(report)) == {"no-origin", "not-compared"}


def test_attachments_not_looked_at_are_told(place: Path) -> None:
    report = verify(place, WHOLE)
    assert report.exit_code == 0
    assert "that files are the attachments (--attachments)" in report.not_shown


def test_an_attachment_that_is_not_there_is_incomplete(place: Path) -> None:
    folder = save_files(place)
    (folder / "ekspertiis.pdf").unlink()
    report = verify(place, WHOLE, attachments=folder)
    assert (list(problems(report)), report.exit_code) == (["attachment-missing"], 8)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 reporT", "attachment-differs"),
        (b"%PDF-1.7 repor", "attachment-differs"),
        (b"", "attachment-differs"),
        (b"%PDF-1.7 report ", "too-large"),
    ],
)
def test_another_attachment_fails(place: Path, content: bytes, code: str) -> None:
    folder = save_files(place)
    (folder / "ekspertiis.pdf").write_bytes(content)
    report = verify(place, WHOLE, attachments=folder)
    assert (list(problems(report)), report.exit_code) == ([code], 7)


def test_a_link_is_no_attachment(place: Path) -> None:
    folder = save_files(place)
    (folder / "ekspertiis.pdf").rename(place / "elsewhere")
    (folder / "ekspertiis.pdf").symlink_to(place / "elsewhere")
    report = verify(place, WHOLE, attachments=folder)
    assert (list(problems(report)), report.exit_code) == (["malformed"], 7)


def test_a_pipe_is_no_attachment_and_is_not_waited_for(place: Path) -> None:
    folder = save_files(place)
    (folder / "ekspertiis.pdf").unlink()
    os.mkfifo(folder / "ekspertiis.pdf")
    report = verify(place, WHOLE, attachments=folder)
    assert "not a plain file" in problems(report)["malformed"]


def test_attachments_need_a_manifest_and_a_folder(place: Path) -> None:
    sealed_only = encode_bundle(DELIVERED.parts(*PROOFS))
    report = verify(place, sealed_only, attachments=place)
    assert (list(problems(report)), report.exit_code) == (["no-manifest"], 8)
    with pytest.raises(UsageError, match="not a folder"):
        verify(place, WHOLE, attachments=place / "none")


def test_a_message_without_attachments_has_none_to_compare(place: Path) -> None:
    dispute = make_dispute({})
    parts = dispute.parts(dispute.origin(), content=dispute.content)
    report = verify(place, encode_bundle(parts), attachments=place)
    assert report.exit_code == 0
    assert "none were sent" in report.render()
    assert "that files are the attachments (--attachments)" not in report.not_shown


# --- the files of a bundle ---


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda files: files.update({"README.txt": b"other"}), "damaged"),
        (lambda files: files.pop("cards/moj.ee.card"), "missing, but listed"),
        (lambda files: files.update({"cards/moj.fr.card": b"{}"}), "not listed in"),
        (lambda files: files.update({"MANIFEST.sha256": b""}), "line 1"),
    ],
    ids=["damaged", "missing", "extra", "no list"],
)
def test_files_and_their_list_agree(
    place: Path,
    spoil: Callable[[dict[str, bytes]], object],
    said: str,
) -> None:
    files = unpack(WHOLE)
    spoil(files)
    report = verify(place, pack(files))
    assert report.exit_code == 7
    assert any(
        line.subject == "FILES" and said in line.text and line.code == "malformed"
        for line in report.lines
    )


def test_a_bundle_has_a_list(place: Path) -> None:
    files = unpack(WHOLE)
    del files["MANIFEST.sha256"]
    assert problems(verify(place, pack(files))) == {
        "not-found": "FILES MANIFEST.sha256: missing",
    }


def test_without_the_envelope_nothing_was_compared_with_it(place: Path) -> None:
    files = DELIVERED.files(*PROOFS)
    del files["envelope.bin"]
    report = verify(place, pack_listed(files))
    assert (list(problems(report)), report.exit_code) == (["no-envelope"], 8)


def test_an_archive_that_is_damaged_fails_and_is_not_of_no_kind(place: Path) -> None:
    for raw in (b"", b"PK", b"hello", WHOLE[1:], WHOLE[:-1], WHOLE[:5000]):
        report = verify(place, raw)
        assert (report.exit_code, list(problems(report))) == (7, ["malformed"])


def test_a_huge_bundle_fails_before_it_is_read(place: Path) -> None:
    with (place / "bundle.zip").open("wb") as file:
        file.truncate(2**40)
    report = verify_path(place / "bundle.zip", options(place))
    assert list(problems(report)) == ["too-large"]


SETTINGS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SETTINGS
@example(at=0, bit=0)
@example(at=len(WHOLE) - 1, bit=7)
@given(at=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
def test_any_changed_bit_of_a_bundle_is_found(place: Path, at: int, bit: int) -> None:
    raw = bytearray(WHOLE)
    raw[at] ^= 1 << bit
    assert verify(place, bytes(raw)).exit_code == 7


EVIDENCE = sorted(
    name
    for name in DELIVERED.files(*PROOFS, content=DELIVERED.content)
    if name not in {"README.txt", "enrolment.json"}
)


@SETTINGS
@given(data=st.data())
def test_any_changed_bit_of_evidence_is_found_though_it_was_listed_anew(
    place: Path,
    data: st.DataObject,
) -> None:
    files = DELIVERED.files(*PROOFS, content=DELIVERED.content)
    name = data.draw(st.sampled_from(EVIDENCE))
    raw = bytearray(files[name])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    report = verify(place, pack_listed(files | {name: bytes(raw)}))
    assert report.exit_code == 7


# --- what the user asks ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seen", (Path("x"),)),
        ("min_size", 3),
        ("envelope", Path("x")),
        ("manifest", Path("x")),
        ("fingerprint", HexDigest("0" * 64)),
    ],
)
def test_options_that_say_nothing_about_a_bundle_are_refused(
    place: Path,
    name: str,
    value: object,
) -> None:
    bundle = place / "bundle.zip"
    bundle.write_bytes(WHOLE)
    asked = VerifyOptions(**{"keys": (place / "ee.card",), name: value})  # type: ignore[arg-type]  # one of many fields
    with pytest.raises(UsageError, match="says nothing about a bundle"):
        verify_path(bundle, asked)


@pytest.mark.parametrize("what", ["card", "proof.tlog-proof", "folder"])
def test_other_evidence_has_no_attachments(place: Path, what: str) -> None:
    (place / "folder").mkdir()
    (place / "proof.tlog-proof").write_bytes(b"")
    path = place / ("pt.card" if what == "card" else what)
    asked = VerifyOptions(keys=(place / "ee.card",), attachments=place)
    with pytest.raises(UsageError, match="--attachments: says nothing about a"):
        verify_path(path, asked)


def test_no_keys_no_check(place: Path) -> None:
    (place / "bundle.zip").write_bytes(WHOLE)
    with pytest.raises(UsageError, match="--keys"):
        verify_path(place / "bundle.zip", VerifyOptions())


def test_a_policy_can_demand_witnesses_of_every_proof(place: Path) -> None:
    logs = (DELIVERED.ee.audit_signer, DELIVERED.pt.audit_signer)
    lines = [f"log {key.to_text()}" for log in logs for key in log.keys]
    policy = place / "policy"
    policy.write_text("\n".join([*lines, "quorum none", ""]))
    report = verify(place, WHOLE, policy=policy)
    assert report.exit_code == 0
    assert "that witnesses saw the logs (--policy)" not in report.not_shown
