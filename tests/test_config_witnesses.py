"""Whom `[log] witnesses` names (specification, section 8.5)."""

import pytest

from gateway.config.witnesses import parse_witnesses
from gateway.core.errors import MalformedError
from gateway.core.translog.checkpoint import Ed25519Cosigner, LogSigner, MlDsaCosigner

NAME = "university.example/witness"
ED25519 = Ed25519Cosigner(NAME, b"\1" * 32).key
ML_DSA = MlDsaCosigner(NAME, b"\2" * 32).key
OTHER = Ed25519Cosigner("other.example/witness", b"\3" * 32).key
LOG = LogSigner("moj.ee/audit/1", ed25519_seed=b"\4" * 32, ml_dsa_seed=b"\5" * 32)
URL = "https://witness.example:8443/w"


def test_peers_one_peer_and_outside_witnesses_are_told_apart() -> None:
    entry = f"{URL} {ED25519.to_text()} {ML_DSA.to_text()}"
    chosen = parse_witnesses(["peers", "pgr.pt", entry])

    assert chosen.all_peers
    assert chosen.peers == ("pgr.pt",)
    (outside,) = chosen.outside
    assert (outside.url, outside.keys) == (URL, (ED25519, ML_DSA))
    assert not parse_witnesses(["pgr.pt"]).all_peers
    assert parse_witnesses([]).outside == ()


@pytest.mark.parametrize(
    "host",
    ["http://127.0.0.1:8080", "http://[::1]:9", "https://w.example"],
)
def test_plain_http_is_taken_on_this_machine_only(host: str) -> None:
    parse_witnesses([f"{host} {ED25519.to_text()}"])


@pytest.mark.parametrize(
    "entry",
    [
        "Not An Id",
        f"http://witness.example {ED25519.to_text()}",
        f"ftp://witness.example {ED25519.to_text()}",
        f"https:// {ED25519.to_text()}",
        f"https://user@witness.example {ED25519.to_text()}",
        f"https://witness.example?x=1 {ED25519.to_text()}",
        f"https://witness.example:99999 {ED25519.to_text()}",
        f"https://[::1 {ED25519.to_text()}",
        URL,
        f"{URL} no-vkey",
        f"{URL} {ED25519.to_text()} {OTHER.to_text()}",
        f"{URL} {LOG.keys[0].to_text()}",
    ],
)
def test_what_names_nobody_is_refused(entry: str) -> None:
    with pytest.raises(MalformedError):
        parse_witnesses([entry])


def test_a_witness_stands_there_once_and_there_are_at_most_32() -> None:
    with pytest.raises(MalformedError, match="twice"):
        parse_witnesses(["peers", "peers"])
    with pytest.raises(MalformedError, match="same key name"):
        parse_witnesses(
            [f"{URL}/{number} {ED25519.to_text()}" for number in range(2)],
        )
    with pytest.raises(MalformedError, match="at most 32"):
        parse_witnesses([f"peer{number}.example" for number in range(33)])
