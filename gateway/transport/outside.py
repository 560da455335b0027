"""Connections to services that are no peers: witnesses, time-stamping authorities."""

import aiohttp

from gateway.transport.limits import HEADER_COUNT, HEADER_LINE_BYTES


def outside_session(
    timeout: aiohttp.ClientTimeout | None = None,
) -> aiohttp.ClientSession:
    """Return a session for a few calls: no cookies, no proxies, nothing unpacked.

    Args:
        timeout: Of each call; without one the caller limits the time itself.
    """
    return aiohttp.ClientSession(
        timeout=timeout or aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        max_line_size=HEADER_LINE_BYTES,
        max_field_size=HEADER_LINE_BYTES,
        max_headers=HEADER_COUNT,
    )
