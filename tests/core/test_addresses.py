"""What a node may be told to call."""

import pytest

from gateway.core.addresses import (
    is_public,
    parse_origin,
    parse_proxy,
    parse_target,
    parse_way,
)
from gateway.core.errors import MalformedError


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://cases.example.org/hook", "https://cases.example.org:443"),
        ("https://cases.example.org:8443", "https://cases.example.org:8443"),
        ("http://10.0.0.7/a/b?c=d", "http://10.0.0.7:80"),
        ("https://[fd00::1]:9/x", "https://[fd00::1]:9"),
    ],
)
def test_a_url_has_one_origin(url: str, origin: str) -> None:
    target = parse_target(url)
    assert target.origin == origin
    assert target.url == url
    assert target.is_encrypted is url.startswith("https")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://cases.example.org",
        "https://user@cases.example.org/",
        "https://cases.example.org/#top",
        "https://Cases.example.org/",
        "https://cases.example.org:0/",
        "https://cases.example.org:70000/",
        "https://cases.example.org\n",
        "https://cases.example.org/a b",
        "https://.example.org/",
        "https:///x",
        "",
        "https://a.example/" + "x" * 500,
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(MalformedError):
        parse_target(url)


def test_an_origin_has_no_path() -> None:
    assert parse_origin("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    for text in ("http://127.0.0.1:8080/", "127.0.0.1"):
        with pytest.raises(MalformedError):
            parse_origin(text)


def test_a_proxy_is_named_by_host_and_port() -> None:
    assert parse_proxy("http://proxy.moj.ee:3128") == "http://proxy.moj.ee:3128"
    assert [parse_way(one) for one in ("", "direct")] == ["", "direct"]
    assert parse_way("http://proxy.moj.ee:3128") == "http://proxy.moj.ee:3128"
    for text in (
        "https://proxy.moj.ee:3128",
        "http://proxy.moj.ee",
        "http://proxy.moj.ee:3128/",
        "http://user:word@proxy.moj.ee:3128",
    ):
        with pytest.raises(MalformedError):
            parse_way(text)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "not-an-address",
    ],
)
def test_addresses_of_networks_within_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:220:1::1", "::ffff:8.8.8.8"]
)
def test_addresses_of_the_open_network_are(address: str) -> None:
    assert is_public(address)
