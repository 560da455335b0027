"""What a node says, and does at start, about keys that succeed one another."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.assembly.key_checks import rotation_checks
from gateway.assembly.keys import KeyCare
from gateway.core.limits import KEY_OVERLAP_MS
from gateway.core.values import UnixMs
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.root import RootFolder
from gateway.keystore.rotation import begin_rotation
from gateway.keystore.sealed import read_passphrase_file
from gateway.keystore.succession import KeyUse
from tests.support.homes import MOJ, NOW, copy_home, unlocked

ENDED = UnixMs(NOW + KEY_OVERLAP_MS)
DAY_MS = 86_400_000


@pytest.fixture
def running(tmp_path: Path) -> Keyring:
    """Give what a node runs with."""
    layout = copy_home(tmp_path / "home")
    return load_keyring(layout.keys, MOJ, unlocked(layout))


def stated(keyring: Keyring, request: bytes) -> Keyring:
    """Put a statement of the root into force; return what the next start loads."""
    layout = keyring.layout.root
    root = RootFolder.unlock(layout, read_passphrase_file(layout.passphrase))
    return keyring.with_statement(root.sign(request, NOW), NOW)


def overlapping(keyring: Keyring) -> Keyring:
    begun = begin_rotation(keyring, KeyUse.LOG, NOW)
    return stated(begun, begun.statement_request())


def said(keyring: Keyring, now: UnixMs) -> list[tuple[str, str]]:
    return [(check.name, check.level) for check in rotation_checks(keyring, now)]


def test_a_rotation_is_told_of_from_its_beginning_to_its_end(running: Keyring) -> None:
    assert said(running, NOW) == []

    begin_rotation(running, KeyUse.LOG, NOW)
    assert said(running, NOW) == [("log keys", "warn")]

    both = overlapping(running)
    assert said(running, NOW) == [("statement", "warn")]
    assert said(both, NOW) == [("log keys", "ok")]
    assert said(both, ENDED) == [("log keys", "warn")]
    (late,) = rotation_checks(both, ENDED)
    assert late.remedy == "mla-gateway keys rotate log --finish --out REQUEST"

    alone = stated(both, both.statement_request(alone=[KeyUse.LOG]))
    assert said(both, ENDED) == [("statement", "warn")]
    assert said(alone, ENDED) == []


async def test_the_log_warns_daily_of_an_overlap_that_has_ended(
    running: Keyring,
) -> None:
    care = KeyCare(overlapping(running).with_renewed_leaf(ENDED))
    with capture_logs() as entries:
        for hours in (0, 1, 23, 24, 25):
            await care.renew_if_due(UnixMs(ENDED + hours * 3_600_000))

    warned = [one for one in entries if one["event"] == "key_overlap_ended"]
    assert len(warned) == 2
    assert warned[0]["use"] == "log"
    assert warned[0]["log_level"] == "warning"


async def test_nothing_is_said_before_it_has_ended(running: Keyring) -> None:
    care = KeyCare(overlapping(running).with_renewed_leaf(ENDED))
    with capture_logs() as entries:
        await care.renew_if_due(UnixMs(ENDED - 1))

    assert "key_overlap_ended" not in [one["event"] for one in entries]


async def test_a_start_finishes_what_a_crash_left(
    running: Keyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = overlapping(running)
    monkeypatch.setattr(Keyring, "settled", lambda self, _now: self)
    alone = stated(both, both.statement_request(alone=[KeyUse.LOG]))
    monkeypatch.undo()
    assert alone.log.succession.retired == (1,)
    care = KeyCare(alone)

    await care.settle(NOW)

    assert not (alone.layout.folder / "log-ed25519.key").exists()
    assert care.keyring.log.vkeys == alone.log.vkeys
