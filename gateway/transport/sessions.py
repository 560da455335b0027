"""Sessions of ours as an HTTP client: bounded heads, no cookies, nothing unpacked."""

import aiohttp

from gateway.transport.limits import HEADER_COUNT, HEADER_LINE_BYTES


def bounded_session(
    timeout: aiohttp.ClientTimeout | None = None,
    connector: aiohttp.BaseConnector | None = None,
) -> aiohttp.ClientSession:
    """Return a session that knows no cookies and no proxies of the environment.

    Args:
        timeout: Of each call; without one the caller limits the time itself.
        connector: How connections are made; without one as the library does.
    """
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout or aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        max_line_size=HEADER_LINE_BYTES,
        max_field_size=HEADER_LINE_BYTES,
        max_headers=HEADER_COUNT,
    )
