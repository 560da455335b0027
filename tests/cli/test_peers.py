"""Cards, fingerprints, whom we trust, and how exchange goes."""

import base64
import os
import pty
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from gateway.admin import node_shapes, peer_shapes
from tests.support.cards import CardMaker
from tests.support.command_line import PEER, run, run_at
from tests.support.scripted_api import Refused, ScriptedApi


@pytest.fixture(scope="module")
def maker() -> CardMaker:
    """An authority whose card can be had."""
    return CardMaker()


@pytest.fixture
def card(maker: CardMaker, tmp_path: Path) -> Path:
    """A card in a file."""
    path = tmp_path / "moj.ee.card"
    path.write_bytes(maker.make())
    return path


def _own_card(maker: CardMaker) -> node_shapes.OwnCard:
    return node_shapes.OwnCard(
        authority="moj.ee",
        fingerprint=maker.root.fingerprint,
        number=1,
        card=base64.b64encode(maker.make()).decode(),
    )


class TestCard:
    def test_our_card_is_printed_byte_for_byte(
        self,
        api: ScriptedApi,
        maker: CardMaker,
    ) -> None:
        own = _own_card(maker)
        api.answers["own_card"] = own

        done = run_at(api, "peer", "card")

        assert done.stdout.encode() == base64.b64decode(own.card)
        assert run_at(api, "peer", "card", "--json").document()["number"] == 1

    def test_our_card_is_written_to_a_new_file_only(
        self,
        api: ScriptedApi,
        maker: CardMaker,
        tmp_path: Path,
    ) -> None:
        own = _own_card(maker)
        api.answers["own_card"] = own
        out = tmp_path / "out.card"

        first = run_at(api, "peer", "card", "--out", str(out))
        again = run_at(api, "peer", "card", "--out", str(out), "--json")

        assert (first.exit_code, again.exit_code) == (0, 5)
        assert out.read_bytes() == base64.b64decode(own.card)

    def test_a_file_that_was_not_filled_is_taken_away_again(
        self,
        api: ScriptedApi,
        tmp_path: Path,
    ) -> None:
        api.answers["own_card"] = Refused("maintenance", 503, "node: stopping")

        done = run_at(api, "peer", "card", "--out", str(tmp_path / "out.card"))

        assert done.exit_code == 6
        assert not (tmp_path / "out.card").exists()

    def test_our_fingerprint_comes_from_the_node(
        self,
        api: ScriptedApi,
        maker: CardMaker,
    ) -> None:
        api.answers["own_card"] = _own_card(maker)

        found = run_at(api, "--json", "peer", "fingerprint").document()

        assert found == {"authority": "moj.ee", "fingerprint": maker.root.fingerprint}

    def test_the_fingerprint_of_a_card_needs_no_node(
        self,
        maker: CardMaker,
        card: Path,
    ) -> None:
        done = run("peer", "fingerprint", str(card))
        document = run("peer", "fingerprint", str(card), "--json").document()

        assert "".join(done.stdout.split()) == maker.root.fingerprint
        assert len(done.stdout.splitlines()) == 2
        assert document["fingerprint"] == maker.root.fingerprint

    def test_a_card_whose_proofs_do_not_hold_has_no_fingerprint(
        self,
        maker: CardMaker,
        card: Path,
    ) -> None:
        raw = maker.make().replace(b"Ministry", b"Mimistry")
        card.write_bytes(raw)

        assert run("peer", "fingerprint", str(card)).exit_code == 7

    def test_what_is_no_card_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.card").write_text("{}")

        assert run("peer", "fingerprint", str(tmp_path / "x.card")).exit_code == 2


class TestEnrolment:
    def test_a_compared_fingerprint_goes_to_the_node_with_how(
        self,
        api: ScriptedApi,
        maker: CardMaker,
        card: Path,
    ) -> None:
        api.answers["add_peer"] = PEER
        shown = maker.root.fingerprint.upper()
        typed = f"{shown[:32]} - {shown[32:]}"
        words = ("peer", "add", str(card), "--fingerprint", typed)

        done = run_at(api, *words, "--how", "by phone with Anna Tamm")

        assert done.exit_code == 0
        assert api.last.body == node_shapes.AddPeerRequest(
            card=base64.b64encode(card.read_bytes()).decode(),
            fingerprint=maker.root.fingerprint,
            how="by phone with Anna Tamm",
        )

    def test_without_fingerprint_and_terminal_nothing_is_trusted(
        self,
        api: ScriptedApi,
        card: Path,
    ) -> None:
        done = run_at(api, "peer", "add", str(card), stdin="y\n")

        assert done.exit_code == 2
        assert "--fingerprint" in done.stderr
        assert api.asked == []

    def test_what_is_no_fingerprint_is_refused(
        self,
        api: ScriptedApi,
        card: Path,
    ) -> None:
        done = run_at(api, "peer", "add", str(card), "--fingerprint", "12ab")

        assert done.exit_code == 2
        assert api.asked == []

    @pytest.mark.parametrize(
        ("reply", "exit_code", "asked"),
        [("y", 0, ["add_peer"]), ("n", 4, []), ("", 4, [])],
    )
    def test_at_a_terminal_it_is_shown_and_asked_about(
        self,
        api: ScriptedApi,
        maker: CardMaker,
        card: Path,
        reply: str,
        exit_code: int,
        asked: list[str],
    ) -> None:
        api.answers["add_peer"] = PEER

        code, shown = _at_a_terminal(api, "peer", "add", str(card), reply=reply)

        assert code == exit_code
        assert maker.root.fingerprint[:4] in shown
        assert "Ministry of Justice" in shown
        assert api.names() == asked

    def test_a_newer_card_goes_to_the_peer_it_names(
        self,
        api: ScriptedApi,
        card: Path,
    ) -> None:
        api.answers["update_card"] = PEER

        done = run_at(api, "peer", "update", str(card), "--json")

        assert done.exit_code == 0
        assert api.last.segments == {"peer": "moj.ee"}

    def test_a_removed_peer_is_named(self, api: ScriptedApi) -> None:
        api.answers["remove_peer"] = None

        assert "trusted no more" in run_at(api, "peer", "remove", "moj.fr").stderr
        assert run_at(api, "peer", "remove", "moj.fr", "--json").document() == {
            "id": "moj.fr",
        }


class TestPeers:
    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({}, "active"),
            ({"paused": True}, "paused"),
            ({"failures": 3}, "failing"),
            ({"disagreement": "another root", "paused": True}, "DISAGREES"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_the_list_shows_the_state_of_each(
        self,
        api: ScriptedApi,
        changes: dict[str, object],
        state: str,
    ) -> None:
        peer = msgspec.convert(msgspec.to_builtins(PEER) | changes, node_shapes.Peer)
        api.answers["list_peers"] = node_shapes.PeerList(items=(peer,))

        assert state in run_at(api, "peer", "list").stdout
        assert run_at(api, "peer", "list", "--json").document()["items"]

    def test_a_peer_is_shown_with_all_that_is_known(self, api: ScriptedApi) -> None:
        api.answers["show_peer"] = PEER

        done = run_at(api, "peer", "show", "moj.fr")

        assert PEER.fingerprint in done.stdout
        assert "https://gw.moj.fr:8443" in done.stdout
        assert run_at(api, "peer", "show", "moj.fr", "--json").document()["id"]

    @pytest.mark.parametrize("verb", ["pause", "resume"])
    def test_pausing_and_resuming_is_told(self, api: ScriptedApi, verb: str) -> None:
        api.answers[f"{verb}_peer"] = PEER

        assert "moj.fr" in run_at(api, "peer", verb, "moj.fr").stderr
        assert run_at(api, "peer", verb, "moj.fr", "--json").document()["id"]

    def test_a_ping_tells_time_clock_and_what_stands_in_the_way(
        self,
        api: ScriptedApi,
    ) -> None:
        api.answers["ping_peer"] = node_shapes.PeerPing(
            peer="moj.fr",
            duration_ms=12,
            clock_offset_ms=-40,
            seen=17,
            problem="its clock",
        )

        done = run_at(api, "peer", "ping", "moj.fr")

        assert "12 ms" in done.stdout
        assert "-40 ms" in done.stdout
        assert "its clock" in done.stderr
        assert run_at(api, "peer", "ping", "moj.fr", "--json").document()["seen"] == 17

    def test_a_terminal_gets_nothing_it_would_obey(self, api: ScriptedApi) -> None:
        hostile = "\x1b]0;owned\x07\x1b[2J"
        peer = msgspec.structs.replace(PEER, last_error=hostile)
        api.answers["list_peers"] = node_shapes.PeerList(items=(peer,))

        code, shown = _at_a_terminal(api, "peer", "list")

        assert code == 0
        assert "moj.fr" in shown
        assert "\x1b]" not in shown
        assert "\x1b[2J" not in shown
        assert "\x07" not in shown


LIMITED = msgspec.structs.replace(
    PEER,
    upload_kib_s=2048,
    upload_hours="20:00-06:00",
    max_evidence_gib=100,
    evidence_bytes=3 << 30,
)


class TestLimits:
    def test_only_what_is_given_is_changed(self, api: ScriptedApi) -> None:
        api.answers["limit_peer"] = LIMITED

        done = run_at(api, "peer", "limit", "moj.fr", "--upload-rate", "2048")

        assert done.exit_code == 0
        assert api.last.body == node_shapes.PeerLimits(upload_kib_s=2048)
        assert "upload rate: 2.0 MiB/s at most" in done.stderr

    def test_limits_can_be_removed(self, api: ScriptedApi) -> None:
        api.answers["limit_peer"] = msgspec.structs.replace(
            LIMITED, upload_kib_s=0, upload_hours="", max_evidence_gib=0
        )
        words = ("--upload-rate", "0", "--upload-hours", "", "--max-evidence", "0")

        done = run_at(api, "peer", "limit", "moj.fr", *words)

        assert api.last.body == node_shapes.PeerLimits(
            upload_kib_s=0, upload_hours="", max_evidence_gib=0
        )
        assert "upload hours: always" in done.stderr
        assert run_at(api, "peer", "limit", "moj.fr", *words, "--json").document()["id"]

    @pytest.mark.parametrize(
        "words",
        [(), ("--upload-hours", "8pm-6am"), ("--upload-rate", "-1")],
        ids=str,
    )
    def test_what_is_no_limit_is_refused(
        self, api: ScriptedApi, words: tuple[str, ...]
    ) -> None:
        assert run_at(api, "peer", "limit", "moj.fr", *words).exit_code == 2
        assert api.asked == []

    def test_a_peer_is_shown_with_its_limits(self, api: ScriptedApi) -> None:
        api.answers["show_peer"] = LIMITED
        shown = run_at(api, "peer", "show", "moj.fr").stdout
        assert "2.0 MiB/s at most" in shown
        assert "20:00-06:00 UTC" in shown
        assert "3.0 GiB of at most 100 GiB" in shown


def _at_a_terminal(api: ScriptedApi, *words: str, reply: str = "") -> tuple[int, str]:
    """Run a command at a terminal; return its exit code and what is shown."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "gateway", "--home", str(api.home), *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "200"},
        )
        os.write(ours, f"{reply}\n".encode())
        code = process.wait(30)
        shown = os.read(ours, 65536).decode(errors="replace")
    finally:
        os.close(theirs)
        os.close(ours)
    return code, shown


def test_the_way_to_a_peer_is_said_in_words(api: ScriptedApi) -> None:
    api.answers["set_peer_proxy"] = msgspec.structs.replace(
        LIMITED, through="http://proxy.moj.ee:3128"
    )
    told = run_at(api, "peer", "proxy", "moj.fr", "http://proxy.moj.ee:3128")
    assert "is called through http://proxy.moj.ee:3128" in told.stderr
    api.answers["set_peer_proxy"] = LIMITED
    told = run_at(api, "peer", "proxy", "moj.fr", "default")
    assert "is called directly" in told.stderr
    assert api.last.body == peer_shapes.PeerProxy(proxy="")
