"""A new home: what is in it, what it refuses, and the keys at work."""

import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config.reading import load_settings
from gateway.core.errors import GatewayError, KeystoreError
from gateway.core.identity import encode_request, parse_request, verify_statement
from gateway.core.translog.checkpoint import Checkpoint, verify_checkpoint
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.translog.note import Note
from gateway.core.translog.policy import parse_policy
from gateway.core.values import AuthorityId, Stage, UnixMs
from gateway.keystore.create import create_home_files, keep_operator_token
from gateway.keystore.home import HomeLayout, RootLayout
from gateway.keystore.keyring import Keyring, load_keyring, open_keyring
from gateway.keystore.new_keys import KeyMaterial, Passphrases, create_keys
from gateway.keystore.root import RootFolder
from gateway.keystore.sealed import KeyLock, Secret, read_passphrase_file
from tests.support.homes import MOJ, NOW, copy_home, home_request, unlocked

PGR = AuthorityId("pgr.pt")


@pytest.fixture
def home(tmp_path: Path) -> HomeLayout:
    return copy_home(tmp_path / "home")


@pytest.fixture
def keyring(home: HomeLayout) -> Keyring:
    return load_keyring(home.keys, MOJ, unlocked(home))


def test_everything_in_a_home_is_for_its_owner_alone(home: HomeLayout) -> None:
    for path in (home.folder, *home.folder.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_a_new_home_opens_as_its_settings_say(home: HomeLayout) -> None:
    settings = load_settings(home.folder, {}).settings

    keyring = open_keyring(settings, {})

    assert settings.authority.id == keyring.authority == MOJ
    assert settings.authority.names["et"] == "Justiitsministeerium"
    assert settings.storage.path == home.database
    assert keyring.layout == home.keys


def test_a_home_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(KeystoreError, match="not empty"):
        create_home_files(tmp_path, home_request(), NOW)

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_empty_folder_is_taken_and_closed_to_others(tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(b"typed by the operator\n")
    passphrase.chmod(0o600)
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)

    created = create_home_files(folder, home_request(passphrase_file=passphrase), NOW)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not created.layout.keys.passphrase.exists()
    assert not created.layout.keys.root.passphrase.exists()
    settings = load_settings(folder, {}).settings
    assert settings.keys.unlock.name == str(passphrase)
    assert open_keyring(settings, {}).fingerprint == created.keyring.fingerprint


def test_a_folder_that_can_not_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(KeystoreError):
        create_home_files(tmp_path / "file" / "home", home_request(), NOW)


def test_no_secret_of_a_home_lies_readable(home: HomeLayout, keyring: Keyring) -> None:
    secrets = [
        keyring.lock.read(str(path.relative_to(home.keys.folder)))
        for path in sorted(home.keys.folder.glob("*.key"))
    ]

    assert len(set(secrets)) == len(secrets) == 9
    files = [path for path in home.folder.rglob("*") if path.is_file()]
    for secret in secrets:
        assert not any(secret in path.read_bytes() for path in files)


def test_a_keyring_shows_no_secret(keyring: Keyring) -> None:
    shown = repr(keyring)

    assert keyring.database_key.raw.hex() not in shown
    assert repr(keyring.database_key.raw) not in shown
    assert "***" in shown


def test_the_nodes_passphrase_does_not_open_the_root(home: HomeLayout) -> None:
    node = read_passphrase_file(home.keys.passphrase)

    with pytest.raises(KeystoreError, match="passphrase is wrong"):
        RootFolder.unlock(home.keys.root, node)


def test_a_node_works_without_its_root(home: HomeLayout, keyring: Keyring) -> None:
    shutil.rmtree(home.keys.root.folder)

    again = load_keyring(home.keys, MOJ, keyring.lock)

    assert again.fingerprint == keyring.fingerprint


def test_keys_of_another_authority_are_refused(home: HomeLayout) -> None:
    with pytest.raises(KeystoreError):
        load_keyring(home.keys, PGR, unlocked(home))


@pytest.mark.parametrize(
    "name",
    [
        "log-ed25519.key",
        "log-mldsa44.key",
        "witness-ed25519.key",
        "witness-mldsa44.key",
    ],
)
def test_keys_that_the_root_does_not_name_are_refused(
    name: str,
    home: HomeLayout,
) -> None:
    lock = unlocked(home)
    lock.replace(name, b"x" * 32)

    with pytest.raises(KeystoreError, match="does not name our"):
        load_keyring(home.keys, MOJ, lock)


def test_a_statement_of_another_root_is_refused(
    home: HomeLayout,
    tmp_path: Path,
) -> None:
    other = create_keys(
        HomeLayout(tmp_path).keys,
        MOJ,
        Passphrases(Secret(b"some passphrase"), Secret(b"some passphrase")),
        KeyMaterial.fresh(),
        NOW,
    )
    home.keys.statement.write_bytes(other.statement_proof)

    with pytest.raises(KeystoreError, match="not proven"):
        load_keyring(home.keys, MOJ, unlocked(home))


@pytest.mark.parametrize("content", [b"", b"moj.ee/root\n", b"\xff"])
def test_root_keys_in_another_form_are_refused(
    content: bytes,
    home: HomeLayout,
) -> None:
    home.keys.root_vkeys.write_bytes(content)

    with pytest.raises(KeystoreError, match=r"root\.vkeys"):
        load_keyring(home.keys, MOJ, unlocked(home))


def test_an_operators_token_is_kept_for_its_owner(home: HomeLayout) -> None:
    path = keep_operator_token(home, "admin", "mlagw_x")

    assert path == home.operators / "admin.token"
    assert path.read_text() == "mlagw_x\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- the log and witness keys ---


async def test_a_checkpoint_carries_both_signatures_of_the_log(
    keyring: Keyring,
) -> None:
    checkpoint = Checkpoint(keyring.log.origin, 0, EMPTY_ROOT)

    note = await keyring.log.sign(checkpoint)

    assert keyring.log.origin == "moj.ee/audit/1"
    assert (
        verify_checkpoint(note, origin="moj.ee/audit/1", keys=keyring.log.vkeys)
        == checkpoint
    )


async def test_a_checkpoint_of_another_log_is_not_signed(keyring: Keyring) -> None:
    with pytest.raises(GatewayError):
        await keyring.log.sign(Checkpoint("pgr.pt/audit/1", 0, EMPTY_ROOT))


async def test_the_witness_cosigns_with_both_keys(keyring: Keyring) -> None:
    checkpoint = Checkpoint("pgr.pt/audit/1", 0, EMPTY_ROOT)

    lines = await keyring.witness.cosign(checkpoint, time_s=1_790_000_000)

    assert keyring.witness.name == "moj.ee/witness"
    assert len(Note(checkpoint.text, lines).signatures) == 2
    for line, key in zip(lines, keyring.witness.vkeys, strict=True):
        assert key.verify(checkpoint.text, line.signature) == 1_790_000_000


def test_the_first_policy_believes_our_own_log(
    home: HomeLayout,
    keyring: Keyring,
) -> None:
    policy = parse_policy(home.keys.log_policy.read_bytes())

    assert policy.log_keys("moj.ee/audit/1") == keyring.log.vkeys
    assert policy.quorum == "none"


# --- the offline root ---


@pytest.fixture
def root(home: HomeLayout) -> RootFolder:
    passphrase = read_passphrase_file(home.keys.root.passphrase)
    return RootFolder.unlock(home.keys.root, passphrase)


def test_the_root_signs_with_its_folder_alone(
    home: HomeLayout,
    keyring: Keyring,
    tmp_path: Path,
) -> None:
    """On a machine that has nothing else of the gateway's home."""
    request = keyring.statement_request()
    shutil.move(home.keys.root.folder, tmp_path / "offline")
    shutil.rmtree(home.folder)
    layout = RootLayout(tmp_path / "offline")

    root = RootFolder.unlock(layout, read_passphrase_file(layout.passphrase))
    proof = root.sign(request, UnixMs(NOW + 1))

    proven = verify_statement(proof, keyring.root)
    assert proven.statement.number == 2
    assert proven.checkpoint.size == 2
    assert replace(proven.statement, number=1) == keyring.proven_statement.statement
    assert root.public(MOJ) == keyring.root


def test_a_new_statement_comes_into_force(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    proof = root.sign(keyring.statement_request(), NOW)

    renewed = keyring.with_statement(proof, NOW)

    assert renewed.proven_statement.statement.number == 2
    assert load_keyring(home.keys, MOJ, keyring.lock).statement_proof == proof
    with pytest.raises(KeystoreError, match="number 2, expected more than 2"):
        renewed.with_statement(proof, NOW)


def test_a_statement_about_other_keys_does_not_come_into_force(
    keyring: Keyring,
    root: RootFolder,
    tmp_path: Path,
) -> None:
    other = copy_home(tmp_path / "other")
    lock = unlocked(other)
    lock.replace("log-ed25519.key", b"x" * 32)
    request = parse_request(keyring.statement_request())
    foreign = replace(
        request.statement(1),
        log_keys=type(keyring.log).load(lock, "moj.ee/audit/1", None).vkeys,
    )

    proof = root.sign(encode_request(foreign), NOW)

    with pytest.raises(KeystoreError, match="does not name our log keys"):
        keyring.with_statement(proof, NOW)


def test_a_root_whose_log_is_missing_signs_nothing(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    home.keys.root.entries.unlink()

    with pytest.raises(KeystoreError):
        root.sign(keyring.statement_request(), NOW)


def test_a_root_whose_log_was_changed_signs_nothing(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
) -> None:
    home.keys.root.entries.write_bytes(b"{}\n")

    with pytest.raises(KeystoreError, match=r"log\.jsonl"):
        root.sign(keyring.statement_request(), NOW)


def test_a_root_signs_for_its_own_authority_only(
    root: RootFolder,
    tmp_path: Path,
) -> None:
    other = load_keyring(
        copy_home(tmp_path / "other", PGR).keys,
        PGR,
        unlocked(HomeLayout(tmp_path / "other"), PGR),
    )

    with pytest.raises(KeystoreError):
        root.sign(other.statement_request(), NOW)


def test_the_log_of_the_root_is_durable_before_it_is_signed(
    home: HomeLayout,
    keyring: Keyring,
    root: RootFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_lock: KeyLock, _name: str) -> bytes:
        raise KeystoreError("the machine stopped here")

    request = keyring.statement_request()
    monkeypatch.setattr(KeyLock, "read", fail)
    with pytest.raises(KeystoreError, match="stopped here"):
        root.sign(request, NOW)
    monkeypatch.undo()

    assert len(home.keys.root.entries.read_bytes().splitlines()) == 2
    proof = root.sign(request, NOW)
    assert verify_statement(proof, keyring.root).statement.number == 3


def test_a_stage_is_written_as_asked(home: HomeLayout) -> None:
    assert load_settings(home.folder, {}).settings.authority.stage is Stage.TEST
