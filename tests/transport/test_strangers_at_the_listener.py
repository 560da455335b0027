"""Nobody but an active peer gets a byte of theirs parsed by the listener."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.core.errors import KeystoreError
from gateway.transport.limits import ListenerLimits
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import DAY, Ca, Issued, names_with_bad_text
from tests.support.peer_net import (
    PING,
    Listener,
    connected,
    exchange,
    listening,
    until,
)


@pytest.fixture
async def listener(
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> AsyncIterator[Listener]:
    limits = ListenerLimits(
        handshake_timeout_s=0.2,
        half_open=3,
        half_open_per_source=2,
        sweep_interval_s=0.02,
    )
    async with listening(our_identity, trust, limits) as running:
        yield running


async def test_a_peer_is_answered(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    answer = await exchange(
        listener.server.port,
        theirs.issue().client_context(tmp_path),
        PING,
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert listener.calls.asked[0][1].authority == "moj.bb"


@dataclass(frozen=True)
class Intruder:
    issued: Issued
    reason: str


def intruders(ours: Ca, theirs: Ca) -> dict[str, Intruder]:
    unknown = Ca("moj.cc")
    return {
        "self-made": Intruder(Ca("moj.bb").issue(), "certificate"),
        "of an unknown authority": Intruder(unknown.issue(), "issuer"),
        "expired": Intruder(theirs.bent(ends=-timedelta(hours=1)), "expired"),
        "not yet valid": Intruder(theirs.bent(starts=DAY), "not yet valid"),
        "for servers only": Intruder(
            theirs.bent(uses=(ExtendedKeyUsageOID.SERVER_AUTH,)),
            "purpose",
        ),
        "for nothing in particular": Intruder(theirs.bent(uses=()), "what it is for"),
        "of us, naming the peer": Intruder(
            ours.bent(names=["moj.bb"]),
            "not issued by a CA of moj.bb",
        ),
        "with two names": Intruder(
            theirs.bent(names=["moj.bb", "moj.aa"]),
            "2 DNS names",
        ),
        "of a peer, naming nobody": Intruder(
            theirs.bent(names=["moj.dd"]),
            "not an active peer",
        ),
        "with a name that is not text": Intruder(
            theirs.bent(raw_names=names_with_bad_text("moj.bb")),
            "cannot be read",
        ),
    }


@pytest.mark.parametrize("kind", intruders(Ca("moj.aa"), Ca("moj.bb")))
async def test_an_intruder_is_hung_up_on_and_its_fingerprint_kept(
    kind: str,
    listener: Listener,
    ours: Ca,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    intruder = intruders(ours, theirs)[kind]
    context = intruder.issued.client_context(tmp_path)
    assert await exchange(listener.server.port, context, PING) == b""
    await until(lambda: bool(listener.strangers.recent()))
    (stranger,) = listener.strangers.recent()
    assert intruder.reason in stranger.reason
    assert (
        stranger.fingerprint
        == intruder.issued.certificate.fingerprint(
            SHA256(),
        ).hex()
    )
    assert not listener.calls.asked
    assert listener.server.connections() == 0
    good = theirs.issue().client_context(tmp_path)
    assert (await exchange(listener.server.port, good, PING)).startswith(
        b"HTTP/1.1 200 "
    )


async def test_without_a_certificate_there_is_no_answer(listener: Listener) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    assert await exchange(listener.server.port, context, PING) == b""
    await until(lambda: bool(listener.strangers.recent()))
    (stranger,) = listener.strangers.recent()
    assert "did not return a certificate" in stranger.reason
    assert not listener.calls.asked


async def test_tls_1_2_is_refused(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert await exchange(listener.server.port, context, PING) == b""
    assert not listener.calls.asked


async def test_plain_http_is_refused(listener: Listener) -> None:
    assert b"HTTP" not in await exchange(listener.server.port, None, PING)
    assert not listener.calls.asked


async def test_there_is_nothing_to_resume(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    async with connected(listener.server.port, context) as (reader, writer):
        writer.write(PING)
        await reader.read()
        session = writer.get_extra_info("ssl_object").session
        assert session is None or not session.has_ticket


async def test_a_silent_handshake_is_cut_off(listener: Listener) -> None:
    assert await exchange(listener.server.port, None, b"") == b""
    await until(lambda: bool(listener.strangers.recent()))
    assert "handshake" in listener.strangers.recent()[0].reason


async def test_one_source_has_few_handshakes_at_once_and_gets_them_back(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    port = listener.server.port
    async with connected(port, None), connected(port, None):
        await asyncio.sleep(0.02)
        assert await exchange(port, context, PING) == b""
        assert "of this source" in listener.strangers.recent()[-1].reason
    await asyncio.sleep(0.25)
    assert await exchange(port, context, PING)


async def test_all_sources_together_have_a_bound_too(
    our_identity: TlsIdentity,
    trust: TlsTrust,
) -> None:
    limits = ListenerLimits(half_open=1, handshake_timeout_s=0.2)
    async with listening(our_identity, trust, limits) as running:
        port = running.server.port
        async with connected(port, None):
            await asyncio.sleep(0.02)
            assert await exchange(port, None, b"") == b""
            assert running.strangers.recent()[-1].reason == "too many handshakes"


async def test_descriptors_are_kept_in_reserve(
    our_identity: TlsIdentity,
    trust: TlsTrust,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = ListenerLimits(reserved_descriptors=soft - 3)
    async with listening(our_identity, trust, limits) as running:
        assert await exchange(running.server.port, context, PING) == b""
        assert "descriptors" in running.strangers.recent()[-1].reason


async def test_a_peer_has_few_connections(
    our_identity: TlsIdentity,
    trust: TlsTrust,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    limits = ListenerLimits(connections_per_peer=1)
    context = theirs.issue().client_context(tmp_path)
    async with listening(our_identity, trust, limits) as running:
        port = running.server.port
        async with connected(port, context):
            await until(lambda: running.server.connections() == 1)
            assert await exchange(port, context, PING) == b""
        await until(lambda: running.server.connections() == 0)
        assert await exchange(port, context, PING)


# --- trust that changes ---


async def test_a_removed_peers_live_connection_ends_at_once(
    listener: Listener,
    ours: Ca,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    port = listener.server.port
    async with connected(port, context) as (reader, _):
        await until(lambda: listener.server.connections() == 1)
        await listener.server.reload(TlsTrust.load([ours.peer()]))
        async with asyncio.timeout(1):
            assert await _end(reader)
    assert await exchange(port, context, PING) == b""
    assert not listener.calls.asked


@pytest.mark.parametrize("way", ["paused", "revoked", "no list"])
async def test_a_peer_that_may_no_longer_call_is_cut_off(
    way: str,
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    issued = theirs.issue()
    crl = tmp_path / "list.pem"
    if way == "revoked":
        crl.write_bytes(theirs.crl(issued.serial))
    peer = theirs.peer(
        crl_file="" if way == "paused" else str(crl),
        may_call=way != "paused",
    )
    context = issued.client_context(tmp_path)
    async with connected(listener.server.port, context) as (reader, _):
        await until(lambda: listener.server.connections() == 1)
        await listener.server.reload(TlsTrust.load([peer]))
        async with asyncio.timeout(1):
            assert await _end(reader)
    assert await exchange(listener.server.port, context, PING) == b""


async def test_a_reload_leaves_other_connections_alone(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    async with connected(listener.server.port, context) as (reader, writer):
        await until(lambda: listener.server.connections() == 1)
        await listener.server.reload(TlsTrust.load([theirs.peer()]))
        writer.write(PING)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_a_certificate_that_runs_out_ends_its_connection(
    listener: Listener,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    context = theirs.issue().client_context(tmp_path)
    async with connected(listener.server.port, context) as (reader, _):
        await until(lambda: listener.server.connections() == 1)
        listener.clock.shift = 40 * DAY
        async with asyncio.timeout(1):
            assert await _end(reader)


async def test_new_trust_lets_a_new_peer_in_without_a_restart(
    listener: Listener,
    tmp_path: Path,
) -> None:
    newcomer = Ca("moj.cc")
    context = newcomer.issue().client_context(tmp_path)
    assert await exchange(listener.server.port, context, PING) == b""
    await listener.server.reload(TlsTrust.load([newcomer.peer()]))
    assert await exchange(listener.server.port, context, PING)


async def test_a_certificate_that_cannot_be_used_changes_nothing(
    listener: Listener,
    trust: TlsTrust,
    theirs: Ca,
    tmp_path: Path,
) -> None:
    with pytest.raises(KeystoreError):
        await listener.server.reload(trust, TlsIdentity(tmp_path / "missing"))
    await listener.server.reload(trust)
    context = theirs.issue().client_context(tmp_path)
    answer = await exchange(listener.server.port, context, PING)
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_renewed_certificate_is_shown_to_the_next_connection(
    listener: Listener,
    ours: Ca,
    theirs: Ca,
    trust: TlsTrust,
    tmp_path: Path,
) -> None:
    renewed = ours.issue()
    await listener.server.reload(trust, renewed.identity(tmp_path))
    context = theirs.issue().client_context(tmp_path)
    async with connected(listener.server.port, context) as (_, writer):
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    assert shown == renewed.der


async def _end(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except OSError:
        return True
