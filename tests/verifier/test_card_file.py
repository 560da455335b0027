"""Checking cards: the chain from the root down, and the fingerprint to compare."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import UsageError
from gateway.core.values import HexDigest
from gateway.verifier.options import VerifyOptions
from gateway.verifier.trust import one_line
from gateway.verifier.verify import verify_path
from tests.support.cards import CardMaker
from tests.support.exports import problems, write_keys

MAKER = CardMaker()
CARD = MAKER.make()
FINGERPRINT = MAKER.root.fingerprint


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "moj.ee.card"
    path.write_bytes(CARD)
    return path


def test_a_card_with_the_compared_fingerprint_verifies(card: Path) -> None:
    report = verify_path(card, VerifyOptions(fingerprint=FINGERPRINT))
    assert report.exit_code == 0
    rendered = report.render()
    assert "moj.ee (EE, Ministry of Justice) number 1" in rendered
    assert f"{one_line(FINGERPRINT)}: as known" in rendered


def test_a_card_that_nothing_is_compared_with_is_incomplete(card: Path) -> None:
    report = verify_path(card, VerifyOptions())
    assert report.exit_code == 8
    text = problems(report)["fingerprint-not-compared"]
    assert one_line(FINGERPRINT) in text
    assert "NOT COMPARED" in text


def test_a_card_is_recognised_without_its_name(card: Path) -> None:
    other = card.rename(card.with_name("card"))
    assert verify_path(other, VerifyOptions(fingerprint=FINGERPRINT)).exit_code == 0


def test_another_fingerprint_is_a_failure(card: Path) -> None:
    report = verify_path(card, VerifyOptions(fingerprint=HexDigest("0" * 64)))
    assert report.exit_code == 7
    assert "NOT THE ONE" in problems(report)["fingerprint-differs"]


def test_a_card_of_another_root_does_not_pass_for_the_known_one(card: Path) -> None:
    known = card.with_name("known.card")
    known.write_bytes(CardMaker(root_label="other").make())
    report = verify_path(card, VerifyOptions(keys=(known,)))
    assert "NOT THE ONE" in problems(report)["fingerprint-differs"]


def test_a_newer_card_of_the_same_root_is_known(card: Path) -> None:
    known = card.with_name("known.card")
    known.write_bytes(MAKER.make(number=2))
    assert verify_path(card, VerifyOptions(keys=(known,))).exit_code == 0


def test_root_keys_are_as_good_as_a_fingerprint(card: Path) -> None:
    vkeys = card.with_name("vkeys")
    both = VerifyOptions(keys=(write_keys(vkeys, MAKER.root.keys),))
    assert verify_path(card, both).exit_code == 0
    one = VerifyOptions(keys=(write_keys(vkeys, MAKER.root.keys[:1]),))
    assert verify_path(card, one).exit_code == 8
    other = CardMaker(root_label="other").root.keys
    wrong = VerifyOptions(keys=(write_keys(vkeys, other),))
    assert verify_path(card, wrong).exit_code == 7


def test_keys_of_another_authority_say_nothing(card: Path) -> None:
    known = card.with_name("log.vkeys")
    write_keys(known, MAKER.audit_signer.keys)
    assert verify_path(card, VerifyOptions(keys=(known,))).exit_code == 8


def test_a_card_does_not_vouch_for_itself(card: Path) -> None:
    with pytest.raises(UsageError, match="part of what is checked"):
        verify_path(card, VerifyOptions(keys=(card,)))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_changed_bit_of_a_card_is_found(card: Path, data: st.DataObject) -> None:
    raw = bytearray(CARD)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    card.write_bytes(raw)
    report = verify_path(card, VerifyOptions(fingerprint=FINGERPRINT))
    assert report.exit_code == 7


def test_a_card_that_was_never_logged_is_refused(card: Path) -> None:
    maker = CardMaker()
    published = maker.make()
    line, _, proof = published.partition(b"\n")
    forged = line.replace(b"Ministry of Justice", b"Ministry of Forgery")
    card.write_bytes(forged + b"\n" + proof)
    report = verify_path(card, VerifyOptions(fingerprint=FINGERPRINT))
    assert "not the card that was logged" in problems(report)["untrusted-card"]


@pytest.mark.parametrize(
    "options",
    [
        VerifyOptions(policy=Path("p")),
        VerifyOptions(seen=(Path("p"),)),
        VerifyOptions(min_size=0),
        VerifyOptions(envelope=Path("p")),
        VerifyOptions(manifest=Path("p")),
    ],
)
def test_demands_that_mean_nothing_for_a_card_are_refused(
    card: Path,
    options: VerifyOptions,
) -> None:
    with pytest.raises(UsageError, match="says nothing about a card"):
        verify_path(card, options)
