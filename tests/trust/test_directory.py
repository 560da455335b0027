"""What is in force: verified peers and operators, swapped all at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.core.identity import card_digest, verify_card
from gateway.core.operators import Departed, Operator, Role, issue_token
from gateway.core.values import AuthorityId, HexDigest, Stage, UnixMs
from gateway.ports.peers import Peer, PeerPolicy
from gateway.ports.trust import EnrolledPeer, Enrolment, TrustEdit
from gateway.trust import files
from gateway.trust.directory import TrustDirectory, create_trust
from gateway.trust.operators import encode_operator, parse_account
from gateway.trust.peers import encode_policy, parse_peer
from tests.support.cards import NOW, CardMaker

ISSUED = issue_token(
    "console",
    now=NOW,
    lifetime_ms=1000,
    roles=frozenset({Role.SECURITY}),
    is_system=True,
)
ADMIN = Operator("admin", frozenset(Role), (ISSUED.token,))
BOB = Operator("bob", frozenset({Role.OBSERVER}))
POLICY = PeerPolicy(
    is_paused=True, may_monitor=True, max_unopened=7, crl_file='crl/"a\\b".pem'
)
PGR = AuthorityId("pgr.pt")


@pytest.fixture(scope="module")
def enrolled() -> EnrolledPeer:
    return enrol(CardMaker(PGR))


def enrol(maker: CardMaker) -> EnrolledPeer:
    card = verify_card(maker.make(), stage=Stage.TEST)
    return EnrolledPeer(
        Peer(card.authority, card, POLICY, card_digest(card.line)),
        Enrolment(card.fingerprint, "admin", 'by phone, "twice" ü', NOW),
    )


def staged(home: Path) -> list[Path]:
    return list(home.rglob("*.new"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in files.FOLDERS:
        (tmp_path / folder).mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
async def directory(home: Path) -> TrustDirectory:
    opened = TrustDirectory(home, Stage.TEST)
    await opened.load(create_trust(home, [ADMIN]))
    return opened


async def test_a_new_home_knows_its_first_operator_and_no_peer(
    directory: TrustDirectory,
) -> None:
    assert directory.operators() == [ADMIN]
    assert directory.peers() == []
    caller = directory.authenticate(ISSUED.text, NOW)
    assert caller is not None
    assert caller.name == "admin"
    assert caller.roles == {Role.SECURITY}
    assert directory.authenticate(ISSUED.text, UnixMs(NOW + 1000)) is None


async def test_nothing_is_in_force_before_it_is_loaded(
    directory: TrustDirectory, enrolled: EnrolledPeer
) -> None:
    digest = await directory.stage(TrustEdit(put_peers=(enrolled,)))
    assert directory.peer(PGR) is None
    await directory.load(digest)
    assert directory.peer(PGR) == enrolled.peer
    assert directory.enrolled(PGR) == enrolled


async def test_what_was_written_is_read_again_after_a_restart(
    directory: TrustDirectory, enrolled: EnrolledPeer, home: Path
) -> None:
    edit = TrustEdit(put_peers=(enrolled,), put_operators=(BOB,))
    digest = await directory.stage(edit)
    again = TrustDirectory(home, Stage.TEST)
    await again.load(digest)
    assert again.enrolled_peers() == [enrolled]
    assert again.peers() == [enrolled.peer]
    assert again.operators() == [ADMIN, BOB]
    assert again.operator("bob") == BOB


async def test_a_change_that_was_not_logged_is_dropped(
    directory: TrustDirectory, enrolled: EnrolledPeer, home: Path
) -> None:
    logged = files.digest_of((home / files.LISTING).read_bytes())
    await directory.stage(TrustEdit(put_peers=(enrolled,)))
    await directory.load(logged)
    assert directory.peers() == []


async def test_what_is_removed_is_gone(
    directory: TrustDirectory, enrolled: EnrolledPeer
) -> None:
    edit = TrustEdit(put_peers=(enrolled,), put_operators=(BOB,))
    await directory.load(await directory.stage(edit))
    edit = TrustEdit(removed_peers=(PGR,), departed=(Departed("bob", NOW),))
    await directory.load(await directory.stage(edit))
    assert directory.enrolled_peers() == []
    assert directory.operator("bob") is None


async def test_listeners_hear_of_every_load_once_it_is_in_force(
    directory: TrustDirectory, enrolled: EnrolledPeer
) -> None:
    heard: list[int] = []
    directory.subscribe(lambda: heard.append(len(directory.peers())))
    await directory.load(await directory.stage(TrustEdit(put_peers=(enrolled,))))
    assert heard == [1]


async def test_what_could_not_be_loaded_is_not_even_staged(
    directory: TrustDirectory, enrolled: EnrolledPeer, home: Path
) -> None:
    other = HexDigest("0" * 64)
    wrong = replace(enrolled, enrolment=replace(enrolled.enrolment, fingerprint=other))
    with pytest.raises(ConfigError, match=r"pgr\.pt\.card: fingerprint"):
        await directory.stage(TrustEdit(put_peers=(wrong,)))
    assert staged(home) == []


async def test_after_a_failed_load_all_stays_as_it_was(
    directory: TrustDirectory, enrolled: EnrolledPeer, home: Path
) -> None:
    digest = await directory.stage(TrustEdit(put_peers=(enrolled,)))
    await directory.load(digest)
    (home / "peers/pgr.pt.toml").write_bytes(b"")
    with pytest.raises(ConfigError):
        await directory.load(digest)
    assert directory.enrolled(PGR) == enrolled


async def test_a_card_of_the_other_stage_is_refused_at_load(
    home: Path, directory: TrustDirectory, enrolled: EnrolledPeer
) -> None:
    digest = await directory.stage(TrustEdit(put_peers=(enrolled,)))
    with pytest.raises(ConfigError, match="stage"):
        await TrustDirectory(home, Stage.PRODUCTION).load(digest)


@pytest.mark.parametrize("missing", ["peers/pgr.pt.card", "peers/pgr.pt.toml"])
async def test_a_peer_has_both_files(
    home: Path, enrolled: EnrolledPeer, missing: str
) -> None:
    contents = {
        "peers/pgr.pt.card": enrolled.peer.card.raw,
        "peers/pgr.pt.toml": encode_policy(enrolled),
    }
    del contents[missing]
    digest = files.create(home, contents)
    with pytest.raises(ConfigError, match=missing):
        await TrustDirectory(home, Stage.TEST).load(digest)


async def test_a_file_name_must_be_an_authority(home: Path) -> None:
    digest = files.create(home, {"peers/nobody.card": b""})
    with pytest.raises(ConfigError, match="authority id"):
        await TrustDirectory(home, Stage.TEST).load(digest)


def test_a_card_in_another_peers_place_is_refused(enrolled: EnrolledPeer) -> None:
    with pytest.raises(ConfigError, match=r"card of pgr\.pt, expected mj\.fr"):
        parse_peer(
            AuthorityId("mj.fr"),
            card=enrolled.peer.card.raw,
            policy=encode_policy(enrolled),
            stage=Stage.TEST,
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"is_paused = true", b"is_paused = 1"),
        (b"is_paused = true", b"is_pawsed = true"),
        (b"is_paused = true", b""),
        (b"max_unopened = 7", b"max_unopened = -1"),
        (b"[policy]", b"[policy]\nunknown = 1"),
        (b"compared_at = ", b"compared_at = 1 #"),
        (b"fingerprint = ", b'fingerprint = "" #'),
        (b"[policy]", b"[policy"),
        (b"# Enrolment", b"\xff"),
    ],
)
def test_a_policy_file_is_read_strictly(
    enrolled: EnrolledPeer, old: bytes, new: bytes
) -> None:
    policy = encode_policy(enrolled)
    assert old in policy
    with pytest.raises(ConfigError, match=r"peers/pgr\.pt\.toml"):
        parse_peer(
            PGR,
            card=enrolled.peer.card.raw,
            policy=policy.replace(old, new, 1),
            stage=Stage.TEST,
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"approver"', b'"king"'),
        (b"roles = [", b"roles = [] #["),
        (b"label = ", b'label = "A B" #'),
        (b"sha256 = ", b'sha256 = "00" #'),
        (b"expires = ", b'expires = "tomorrow" #'),
        (b"is_system = true", b"is_system = 1"),
        (b"is_system = true", b"is_god = true"),
    ],
)
def test_an_operators_file_is_read_strictly(old: bytes, new: bytes) -> None:
    raw = encode_operator(ADMIN)
    assert old in raw
    with pytest.raises(ConfigError, match=r"operators/admin\.toml"):
        parse_account("operators/admin.toml", raw.replace(old, new, 1))


@pytest.mark.parametrize("operator", [ADMIN, BOB])
def test_an_operator_is_read_as_written(operator: Operator) -> None:
    path = f"operators/{operator.name}.toml"
    assert parse_account(path, encode_operator(operator)) == operator


def _with_policy(enrolled: EnrolledPeer, policy: PeerPolicy) -> EnrolledPeer:
    return replace(enrolled, peer=replace(enrolled.peer, policy=policy))


def _parsed(enrolled: EnrolledPeer, policy: bytes) -> PeerPolicy:
    card = enrolled.peer.card.raw
    return parse_peer(PGR, card=card, policy=policy, stage=Stage.TEST).peer.policy


def test_how_evidence_may_travel_is_read_as_it_was_written(
    enrolled: EnrolledPeer,
) -> None:
    policy = PeerPolicy(
        upload_kib_s=1_250_000,
        upload_hours="20:00-06:00",
        max_evidence_gib=0,
    )
    written = encode_policy(_with_policy(enrolled, policy))
    assert _parsed(enrolled, written) == policy


def test_a_policy_from_before_evidence_has_its_start_values(
    enrolled: EnrolledPeer,
) -> None:
    names = (b"upload_kib_s", b"upload_hours", b"max_evidence_gib")
    lines = encode_policy(enrolled).splitlines(keepends=True)
    older = b"".join(line for line in lines if not line.startswith(names))
    assert len(older.splitlines()) == len(lines) - 3
    start = PeerPolicy()
    assert _parsed(enrolled, older) == replace(
        enrolled.peer.policy,
        upload_kib_s=start.upload_kib_s,
        upload_hours=start.upload_hours,
        max_evidence_gib=start.max_evidence_gib,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"upload_kib_s", b"-1"),
        (b"upload_kib_s", b"1250001"),
        (b"upload_kib_s", b'"1"'),
        (b"upload_hours", b'"20:00"'),
        (b"upload_hours", b'"24:00-06:00"'),
        (b"upload_hours", b"20"),
        (b"max_evidence_gib", b"-1"),
        (b"max_evidence_gib", b"1048577"),
        (b"max_evidence_gib", b"1.5"),
    ],
)
def test_limits_of_evidence_are_read_strictly(
    enrolled: EnrolledPeer, name: bytes, value: bytes
) -> None:
    lines = encode_policy(enrolled).splitlines()
    changed = [
        name + b" = " + value if line.startswith(name) else line for line in lines
    ]
    assert changed != lines
    with pytest.raises(ConfigError, match=r"peers/pgr\.pt\.toml"):
        _parsed(enrolled, b"\n".join(changed))


def test_the_way_to_a_peer_is_read_as_it_was_written(enrolled: EnrolledPeer) -> None:
    for way in ("", "direct", "http://proxy.moj.ee:3128"):
        policy = PeerPolicy(proxy=way)
        assert (
            _parsed(enrolled, encode_policy(_with_policy(enrolled, policy))) == policy
        )
    lines = encode_policy(enrolled).splitlines(keepends=True)
    older = b"".join(line for line in lines if not line.startswith(b"proxy"))
    assert _parsed(enrolled, older).proxy == ""
    odd = encode_policy(_with_policy(enrolled, PeerPolicy(proxy="ftp://x")))
    with pytest.raises(ConfigError):
        _parsed(enrolled, odd)
