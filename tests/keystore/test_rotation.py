"""New log, witness and TLS-CA keys beside the old ones, then alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import ConflictError, GatewayError, KeystoreError
from gateway.core.identity import encode_request, parse_request
from gateway.core.limits import KEY_OVERLAP_MS
from gateway.core.translog.checkpoint import Checkpoint, verify_checkpoint
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.translog.note import VerifierKey
from gateway.core.values import UnixMs
from gateway.keystore.files import replace_private
from gateway.keystore.home import HomeLayout
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.root import RootFolder
from gateway.keystore.rotation import begin_rotation, check_finish, overlaps
from gateway.keystore.sealed import read_passphrase_file
from gateway.keystore.succession import KeyUse, file_names
from gateway.keystore.tls_material import CaKey, create_ca
from tests.support.homes import MOJ, NOW, copy_home, unlocked

ORIGIN = "moj.ee/audit/1"
LATER = UnixMs(NOW + KEY_OVERLAP_MS)

EVERY_USE = pytest.mark.parametrize("use", list(KeyUse))


@pytest.fixture
def home(tmp_path: Path) -> HomeLayout:
    return copy_home(tmp_path / "home")


@pytest.fixture
def keyring(home: HomeLayout) -> Keyring:
    return loaded(home)


@pytest.fixture
def root(home: HomeLayout) -> RootFolder:
    passphrase = read_passphrase_file(home.keys.root.passphrase)
    return RootFolder.unlock(home.keys.root, passphrase)


def loaded(home: HomeLayout) -> Keyring:
    """Return the keyring as the next process reads it from disk."""
    return load_keyring(home.keys, MOJ, unlocked(home))


def public(keyring: Keyring, use: KeyUse) -> list[set[VerifierKey | bytes]]:
    """Return what is at work for a use, oldest first."""
    return [set(one.public) for one in keyring.succession(use).at_work]


def overlapping(keyring: Keyring, root: RootFolder, use: KeyUse) -> Keyring:
    """Return the keyring with old and new keys at work."""
    begun = begin_rotation(keyring, use, NOW)
    return begun.with_statement(root.sign(begun.statement_request(), NOW), NOW)


def finished(keyring: Keyring, root: RootFolder, use: KeyUse) -> Keyring:
    """Return the keyring with the new keys alone."""
    request = keyring.statement_request(alone=[use])
    return keyring.with_statement(root.sign(request, LATER), LATER)


@EVERY_USE
def test_making_keys_changes_nothing_that_is_at_work(
    home: HomeLayout,
    keyring: Keyring,
    use: KeyUse,
) -> None:
    begun = begin_rotation(keyring, use, NOW)

    again = loaded(home)
    for one in KeyUse:
        assert public(again, one) == public(keyring, one)
        assert (again.succession(one).pending is not None) == (one is use)
    assert again.statement_proof == keyring.statement_proof
    assert again.tls.leaf_der == keyring.tls.leaf_der
    assert overlaps(again) == []
    assert begun.statement_request() == again.statement_request()


@EVERY_USE
def test_asked_again_it_makes_no_other_keys(
    keyring: Keyring,
    use: KeyUse,
) -> None:
    begun = begin_rotation(keyring, use, NOW)

    again = begin_rotation(begun, use, LATER)

    assert again.statement_request() == begun.statement_request()


@EVERY_USE
def test_the_request_names_old_and_new(keyring: Keyring, use: KeyUse) -> None:
    begun = begin_rotation(keyring, use, NOW)

    asked = parse_request(begun.statement_request()).statement(number=1)

    counts = {
        KeyUse.LOG: len(asked.log_keys) // 2,
        KeyUse.WITNESS: len(asked.witness_keys) // 2,
        KeyUse.TLS_CA: len(asked.tls_cas),
    }
    assert counts == {one: 2 if one is use else 1 for one in KeyUse}


@EVERY_USE
def test_a_statement_puts_new_keys_beside_the_old_and_another_puts_them_alone(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
    use: KeyUse,
) -> None:
    (old,) = public(keyring, use)

    both = overlapping(keyring, root, use)

    assert public(loaded(home), use) == public(both, use)
    kept, new = public(both, use)
    assert kept == old
    assert not new & old
    (overlap,) = overlaps(loaded(home))
    assert (overlap.use, overlap.began_at, overlap.ends_at) == (use, NOW, LATER)

    alone = finished(both, root, use)

    assert public(loaded(home), use) == public(alone, use) == [new]
    assert overlaps(alone) == []
    for name in file_names(use, 1):
        assert not (home.keys.folder / name).exists()


async def test_in_the_overlap_a_checkpoint_carries_the_lines_of_both(
    keyring: Keyring,
    root: RootFolder,
) -> None:
    both = overlapping(keyring, root, KeyUse.LOG)
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    note = await both.log.sign(checkpoint)

    for keys in (keyring.log.vkeys, both.log.newest_vkeys, both.log.vkeys):
        assert verify_checkpoint(note, origin=ORIGIN, keys=keys) == checkpoint
    alone = finished(both, root, KeyUse.LOG)
    note = await alone.log.sign(checkpoint)
    assert verify_checkpoint(note, origin=ORIGIN, keys=alone.log.vkeys) == checkpoint
    with pytest.raises(GatewayError):
        verify_checkpoint(note, origin=ORIGIN, keys=keyring.log.vkeys)


async def test_in_the_overlap_a_witness_gives_the_lines_of_both(
    keyring: Keyring,
    root: RootFolder,
) -> None:
    both = overlapping(keyring, root, KeyUse.WITNESS)
    checkpoint = Checkpoint("pgr.pt/audit/1", 0, EMPTY_ROOT)

    lines = await both.witness.cosign(checkpoint, time_s=1_790_000_000)

    assert len(lines) == len(both.witness.vkeys) == 4
    for line, key in zip(lines, both.witness.vkeys, strict=True):
        assert line.key_id == key.key_id
        assert key.verify(checkpoint.text, line.signature) == 1_790_000_000


def test_the_old_ca_issues_until_it_is_given_up(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    """A peer that does not know the new one yet lets us in all the same."""
    both = overlapping(keyring, root, KeyUse.TLS_CA)
    assert both.with_renewed_leaf(NOW).tls.ca_der == keyring.tls.ca_der

    alone = finished(both, root, KeyUse.TLS_CA)

    assert alone.tls.ca_der == both.tls.succession.at_work[1].public[0]
    assert loaded(home).tls.leaf_der == alone.tls.leaf_der
    assert not alone.tls.leaf_needs_renewal(LATER)


def test_a_running_node_renews_its_leaf_after_its_ca_was_given_up(
    keyring: Keyring,
    root: RootFolder,
) -> None:
    """It holds the statement before until it is started again."""
    running = overlapping(keyring, root, KeyUse.TLS_CA)
    alone = finished(running, root, KeyUse.TLS_CA)

    renewed = running.with_renewed_leaf(LATER)

    assert renewed.tls.ca_der == alone.tls.ca_der


def test_one_statement_serves_several_rotations(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    for use in KeyUse:
        keyring = begin_rotation(keyring, use, NOW)
    proof = root.sign(keyring.statement_request(), NOW)
    both = keyring.with_statement(proof, NOW)
    assert {one.use for one in overlaps(both)} == set(KeyUse)

    request = both.statement_request(alone=list(KeyUse))
    alone = both.with_statement(root.sign(request, LATER), LATER)

    assert [len(public(loaded(home), use)) for use in KeyUse] == [1, 1, 1]
    assert alone.proven_statement.statement.number == 3


@EVERY_USE
def test_no_rotation_begins_before_the_last_one_is_finished(
    keyring: Keyring,
    root: RootFolder,
    use: KeyUse,
) -> None:
    both = overlapping(keyring, root, use)

    with pytest.raises(ConflictError, match="--finish"):
        begin_rotation(both, use, LATER)

    again = overlapping(finished(both, root, use), root, use)
    assert [one.number for one in again.succession(use).at_work] == [2, 3]


def test_the_old_keys_stay_for_the_whole_overlap(
    keyring: Keyring,
    root: RootFolder,
) -> None:
    with pytest.raises(ConflictError, match="no rotation to finish"):
        check_finish(keyring, KeyUse.LOG, LATER, is_early=True)
    both = overlapping(keyring, root, KeyUse.LOG)

    with pytest.raises(ConflictError, match="overlap lasts until"):
        check_finish(both, KeyUse.LOG, UnixMs(LATER - 1), is_early=False)

    check_finish(both, KeyUse.LOG, LATER, is_early=False)
    check_finish(both, KeyUse.LOG, NOW, is_early=True)


def test_a_later_statement_about_other_things_does_not_prolong_an_overlap(
    keyring: Keyring,
    root: RootFolder,
) -> None:
    both = overlapping(keyring, root, KeyUse.LOG)
    at = UnixMs(NOW + 1000)

    again = both.with_statement(root.sign(both.statement_request(), at), at)

    assert [one.began_at for one in overlaps(again)] == [NOW]


def test_newer_keys_do_not_go_out_of_use_again(
    keyring: Keyring,
    root: RootFolder,
) -> None:
    before = keyring.statement_request()
    both = overlapping(keyring, root, KeyUse.LOG)

    with pytest.raises(KeystoreError, match="does not name the newest log keys"):
        both.with_statement(root.sign(before, NOW), NOW)


@EVERY_USE
def test_a_statement_that_names_none_of_our_keys_is_refused(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
    tmp_path: Path,
    use: KeyUse,
) -> None:
    """Signed by the real root, about keys of another machine."""
    other = begin_rotation(loaded(copy_home(tmp_path / "other")), use, NOW)
    asked = parse_request(other.statement_request()).statement(number=1)
    asked = replace(
        asked,
        log_keys=asked.log_keys[-2:],
        witness_keys=asked.witness_keys[-2:],
        tls_cas=asked.tls_cas[-1:],
    )

    with pytest.raises(KeystoreError, match="does not name our"):
        keyring.with_statement(root.sign(encode_request(asked), NOW), NOW)

    assert public(loaded(home), use) == public(keyring, use)


# --- crashes ---


def test_half_a_pair_is_completed(home: HomeLayout, keyring: Keyring) -> None:
    first, second = file_names(KeyUse.LOG, 2)
    keyring.lock.create(first, b"f" * 32)
    assert loaded(home).succession(KeyUse.LOG).pending is None

    begun = begin_rotation(loaded(home), KeyUse.LOG, NOW)

    assert begun.lock.read(first) == b"f" * 32
    pending = begun.log.succession.pending
    assert pending is not None
    assert pending.number == 2
    assert (home.keys.folder / second).exists()


def test_a_ca_without_its_certificate_is_completed(
    home: HomeLayout,
    keyring: Keyring,
) -> None:
    key = CaKey.new()
    create_ca(keyring.lock, MOJ, key, NOW, number=2)
    (home.keys.folder / file_names(KeyUse.TLS_CA, 2)[1]).unlink()

    begin_rotation(loaded(home), KeyUse.TLS_CA, NOW)

    pending = loaded(home).tls.succession.pending
    assert pending is not None
    assert pending.keys.public_key() == key.private.public_key()


class StoppedError(Exception):
    """The machine stopped."""


@EVERY_USE
@pytest.mark.parametrize("writes", range(4))
def test_a_crash_while_a_statement_comes_into_force_leaves_old_or_new(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
    monkeypatch: pytest.MonkeyPatch,
    use: KeyUse,
    writes: int,
) -> None:
    both = overlapping(keyring, root, use)
    proof = root.sign(both.statement_request(alone=[use]), LATER)
    done = 0

    def stopping(path: Path, content: bytes) -> None:
        nonlocal done
        if done == writes:
            raise StoppedError
        done += 1
        replace_private(path, content)

    monkeypatch.setattr(
        "gateway.keystore.own_statements.replace_private",
        stopping,
    )
    # The third write is the statement itself; a fourth there is not.
    if writes < 3:
        with pytest.raises(StoppedError):
            both.with_statement(proof, LATER)
        monkeypatch.undo()
        assert public(loaded(home), use) == public(both, use)
        assert [one.number for one in loaded(home).history()] == [1, 2]
        both = loaded(home)
    else:
        monkeypatch.setattr(Keyring, "settled", lambda self, _now: self)
    both.with_statement(proof, LATER)
    monkeypatch.undo()

    settled = loaded(home).settled(LATER)

    assert public(settled, use) == public(both, use)[1:]
    assert loaded(home).succession(use).retired == ()
    assert not loaded(home).tls.leaf_needs_renewal(LATER)
    assert [one.number for one in settled.history()] == [1, 2, 3]


@EVERY_USE
def test_half_destroyed_keys_are_destroyed_at_the_next_start(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
    monkeypatch: pytest.MonkeyPatch,
    use: KeyUse,
) -> None:
    both = overlapping(keyring, root, use)
    monkeypatch.setattr(Keyring, "settled", lambda self, _now: self)
    finished(both, root, use)
    monkeypatch.undo()
    if use is not KeyUse.TLS_CA:
        (home.keys.folder / file_names(use, 1)[0]).unlink()

    loaded(home).settled(LATER)

    assert loaded(home).succession(use).retired == ()
    for name in file_names(use, 1):
        assert not (home.keys.folder / name).exists()


# --- history ---


def test_every_statement_that_was_in_force_is_kept(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    assert [kept.proof for kept in keyring.history()] == [keyring.statement_proof]
    both = overlapping(keyring, root, KeyUse.LOG)
    alone = finished(both, root, KeyUse.LOG)

    history = loaded(home).history()

    assert [kept.proof for kept in history] == [
        one.statement_proof for one in (keyring, both, alone)
    ]
    assert [kept.since for kept in history] == [NOW, NOW, LATER]


async def test_what_any_earlier_keys_signed_is_still_known_as_ours(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    """Also those in the middle, which neither the first nor the last entry names."""
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    notes, used = [await keyring.log.sign(checkpoint)], list(keyring.log.vkeys)
    for _ in range(2):
        keyring = finished(overlapping(keyring, root, KeyUse.LOG), root, KeyUse.LOG)
        notes.append(await keyring.log.sign(checkpoint))
        used += keyring.log.vkeys

    known = loaded(home).log.known_vkeys

    assert set(known) == set(used)
    assert len(known) == 6
    for note in notes:
        assert verify_checkpoint(note, origin=ORIGIN, keys=known) == checkpoint


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("1.tlog-proof", b"c2sp.org/tlog-proof@v1\n"),
        ("2.since", b"yesterday\n"),
        ("2.since", b"\xff"),
    ],
)
def test_a_history_that_was_changed_is_reported(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
    name: str,
    content: bytes,
) -> None:
    both = overlapping(keyring, root, KeyUse.LOG)
    (home.keys.history / name).write_bytes(content)

    with pytest.raises(KeystoreError):
        both.history()


def test_a_statement_under_another_number_is_reported(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    both = overlapping(keyring, root, KeyUse.LOG)
    (home.keys.history / "1.tlog-proof").write_bytes(both.statement_proof)

    with pytest.raises(KeystoreError, match="holds statement 2"):
        both.history()


def test_without_its_note_a_statement_counts_from_when_the_root_made_it(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    begun = begin_rotation(keyring, KeyUse.LOG, NOW)
    proof = root.sign(begun.statement_request(), UnixMs(NOW + 5))
    both = begun.with_statement(proof, UnixMs(NOW + 9))
    assert [one.began_at for one in overlaps(both)] == [NOW + 9]

    (home.keys.history / "2.since").unlink()

    assert [one.began_at for one in overlaps(both)] == [NOW + 5]
