"""Our own card: believed by a peer, kept, and followed by the next."""

from pathlib import Path

import pytest

from gateway.config.reading import load_settings
from gateway.core.entries.leaf import (
    FIRST_PREV,
    EntryDraft,
    build_leaf,
    chain_hash,
    parse_leaf,
)
from gateway.core.errors import KeystoreError
from gateway.core.identity import (
    CardVersions,
    assemble_card,
    card_digest,
    encode_card_line,
    verify_card,
)
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import inclusion_path, leaf_hash, root_of
from gateway.core.translog.proof import LogProof, encode_log_proof
from gateway.core.translog.readers import MemoryTree
from gateway.core.values import Stage, UnixMs
from gateway.keystore.keyring import Keyring, load_keyring
from gateway.keystore.own_card import (
    CardDetails,
    compose_card,
    load_card,
    log_init_draft,
    store_card,
)
from tests.support.homes import MOJ, NOW, copy_home, unlocked

DETAILS = CardDetails(
    country="EE",
    names={"en": "Ministry of Justice"},
    stage=Stage.TEST,
    urls=("https://127.0.0.1:8443",),
    versions=CardVersions(code_lists="1.0", messages="1.0", protocol=[1]),
)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    home = copy_home(tmp_path / "home")
    return load_keyring(home.keys, MOJ, unlocked(home))


async def issue(
    keyring: Keyring,
    details: CardDetails = DETAILS,
    number: int = 1,
) -> bytes:
    """Log our card after the first entry, and return the card file."""
    line = encode_card_line(compose_card(keyring, details, number=number, now=NOW))
    leaves: list[bytes] = []
    for draft in (
        log_init_draft(keyring, NOW),
        EntryDraft("key.card", NOW, {"dig": card_digest(line)}),
    ):
        leaf, _ = build_leaf(
            draft,
            log=keyring.log.origin,
            index=len(leaves),
            prev=chain_hash(leaves[-1]) if leaves else FIRST_PREV,
            previous_at=NOW,
        )
        leaves.append(leaf)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    checkpoint = Checkpoint(keyring.log.origin, 2, root_of(hashes))
    proof = LogProof(
        index=1,
        path=inclusion_path(1, 2, MemoryTree(hashes)),
        checkpoint_note=await keyring.log.sign(checkpoint),
        extra=leaves[1],
    )
    return assemble_card(line, encode_log_proof(proof))


async def test_our_card_is_one_that_a_peer_believes(keyring: Keyring) -> None:
    raw = await issue(keyring)

    card = verify_card(raw, stage=Stage.TEST, fingerprint=keyring.fingerprint)

    assert card.authority == MOJ
    assert card.number == 1
    assert card.keys == keyring.opening.card_records()
    assert card.log_keys == keyring.log.vkeys
    assert card.tls_cas == (keyring.tls.ca_der,)


async def test_our_card_is_kept_and_read_back(keyring: Keyring) -> None:
    assert load_card(keyring, stage=Stage.TEST) is None
    raw = await issue(keyring)

    stored = store_card(keyring, raw, stage=Stage.TEST)

    assert load_card(keyring, stage=Stage.TEST) == stored
    with pytest.raises(KeystoreError):
        load_card(keyring, stage=Stage.PRODUCTION)


async def test_a_card_that_no_peer_would_believe_is_not_kept(keyring: Keyring) -> None:
    raw = await issue(keyring)

    with pytest.raises(KeystoreError):
        store_card(keyring, raw[:-10], stage=Stage.TEST)

    assert not keyring.layout.card.exists()


async def test_a_card_with_a_new_key_follows_the_one_before(keyring: Keyring) -> None:
    raw = await issue(keyring)
    current = store_card(keyring, raw, stage=Stage.TEST)
    assert current.card == compose_card(keyring, DETAILS, number=1, now=NOW)

    keyring.opening.rotate(UnixMs(NOW + 1000))

    new = await issue(keyring, number=2)
    followed = verify_card(new, stage=Stage.TEST, previous=current)
    assert followed.keys == keyring.opening.card_records() != current.keys


def test_the_first_entry_states_keys_and_policy(keyring: Keyring) -> None:
    leaf, _ = build_leaf(
        log_init_draft(keyring, NOW),
        log=keyring.log.origin,
        index=0,
        prev=FIRST_PREV,
        previous_at=NOW,
    )

    parsed = parse_leaf(leaf, log="moj.ee/audit/1")

    assert parsed.kind == "log.init"
    assert parsed.fields["vkeys"] == [key.to_text() for key in keyring.log.vkeys]


def test_details_come_from_the_settings(tmp_path: Path) -> None:
    home = copy_home(tmp_path / "home")
    details = CardDetails.of(
        load_settings(home.folder, {}).settings,
        DETAILS.versions,
    )

    assert details.country == "EE"
    assert details.urls == ("https://127.0.0.1:8443",)
    assert details.stage is Stage.TEST
