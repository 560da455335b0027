"""Calls through a proxy: the tunnel changes nothing of who is believed."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.addresses import DIRECT
from gateway.core.errors import ConfigError, UnreachableError
from gateway.core.values import AuthorityId
from gateway.transport.limits import ClientLimits
from gateway.transport.peer_client import PeerClient
from gateway.transport.proxies import PeerProxies, ProxyLogin, parse_login
from gateway.transport.strangers import Strangers
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import Ca
from tests.support.connect_proxy import ConnectProxy, connect_proxy
from tests.support.peer_net import PING_REPLY, Listener, WallClock, listening

OURS = AuthorityId("moj.aa")


@pytest.fixture
async def listener(
    our_identity: TlsIdentity, trust: TlsTrust
) -> AsyncIterator[Listener]:
    async with listening(our_identity, trust) as running:
        yield running


@pytest.fixture
async def proxy() -> AsyncIterator[ConnectProxy]:
    async with connect_proxy() as running:
        yield running


class Calling:
    """Pings the listener through what is told."""

    def __init__(self, ours: Ca, theirs: Ca, folder: Path, url: str) -> None:
        self._peer = ours.peer(url)
        self._identity = theirs.issue().identity(folder)
        self.strangers = Strangers()

    async def ping(self, proxies: PeerProxies, policy: str = "") -> object:
        client = PeerClient(
            WallClock(),
            strangers=self.strangers,
            limits=ClientLimits(connect_timeout_s=2.0, total_timeout_s=4.0),
            proxies=proxies,
        )
        trust = TlsTrust.load([replace(self._peer, proxy=policy)])
        await client.open(self._identity, trust)
        try:
            return await client.ping(OURS)
        finally:
            await client.close()


@pytest.fixture
def calling(ours: Ca, theirs: Ca, tmp_path: Path, listener: Listener) -> Calling:
    return Calling(ours, theirs, tmp_path, listener.url)


async def test_a_call_goes_through_the_proxy_unread(
    calling: Calling, proxy: ConnectProxy, listener: Listener
) -> None:
    assert await calling.ping(PeerProxies(proxy.url)) == PING_REPLY
    address = listener.url.removeprefix("https://")
    assert proxy.asked == [f"CONNECT {address} HTTP/1.1"]
    # TLS records and nothing else: not one byte of HTTP.
    assert proxy.seen[0] == 0x16
    assert b"HTTP" not in proxy.seen
    assert {peer.authority for _, peer, _ in listener.calls.asked} == {"moj.bb"}


async def test_a_peer_may_have_a_way_of_its_own(
    calling: Calling, proxy: ConnectProxy
) -> None:
    assert await calling.ping(PeerProxies(proxy.url), DIRECT) == PING_REPLY
    assert proxy.asked == []
    assert await calling.ping(PeerProxies(), proxy.url) == PING_REPLY
    assert len(proxy.asked) == 1


async def test_the_login_is_told_to_the_proxy_of_the_settings_only(
    calling: Calling, proxy: ConnectProxy
) -> None:
    proxy.login = "moj:s3cret"
    login = ProxyLogin("moj", "s3cret")
    assert await calling.ping(PeerProxies(proxy.url, login)) == PING_REPLY
    with pytest.raises(UnreachableError, match="wants another login"):
        await calling.ping(PeerProxies(proxy.url, ProxyLogin("moj", "other")))
    with pytest.raises(UnreachableError, match="wants another login"):
        await calling.ping(PeerProxies("http://127.0.0.1:1", login), proxy.url)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "does not let us call the peer; have its address and port allowed"),
        (502, "does not reach the peer (HTTP status 502)"),
    ],
)
async def test_what_the_proxy_says_is_told(
    calling: Calling, proxy: ConnectProxy, status: int, said: str
) -> None:
    proxy.status = status
    with pytest.raises(UnreachableError) as caught:
        await calling.ping(PeerProxies(proxy.url))
    assert str(caught.value).startswith(f"proxy: {proxy.url} {said}")


async def test_a_proxy_that_is_not_there_is_told_apart(
    calling: Calling, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(UnreachableError, match=f"^proxy: no connection to {url}"):
        await calling.ping(PeerProxies(url))
    with pytest.raises(UnreachableError, match=r"^proxy: the name in .* is not known"):
        await calling.ping(PeerProxies("http://proxy.invalid:3128"))


async def test_a_proxy_that_reads_along_is_not_believed(
    calling: Calling, proxy: ConnectProxy, tmp_path: Path
) -> None:
    """Its own certificate for the peer's name ends the call before a byte is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder = tmp_path / "inspector"
    folder.mkdir()
    identity = Ca("moj.aa").issue().identity(folder)
    context.load_cert_chain(identity.chain_file, identity.key_file)
    proxy.inspects = context
    with pytest.raises(UnreachableError) as caught:
        await calling.ping(PeerProxies(proxy.url))
    assert str(caught.value).startswith("refused by us: certificate: ")
    assert "a proxy that inspects TLS has to leave this peer alone" in str(caught.value)
    assert not proxy.seen
    assert calling.strangers.recent()


def test_a_login_is_one_line() -> None:
    assert parse_login("moj:a:b\n") == ProxyLogin("moj", "a:b")
    assert "a:b" not in repr(parse_login("moj:a:b"))
    for text in ("", "moj", ":x", "a:b\nc:d\n", "a:\x00", "a:" + "x" * 600):
        with pytest.raises(ConfigError, match="expected one line"):
            parse_login(text)
