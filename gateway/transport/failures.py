"""Why a call did not reach a peer, in words that tell an operator where to look.

Each message begins with a fixed phrase: no address, name resolution, no route,
connection refused, refused by us, refused by them, connection lost, timeout, proxy.
"""

import errno
import ssl

import aiohttp

from gateway.core.errors import UnreachableError
from gateway.transport.tls import CertificateRefusedError

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
_HUNG_UP = frozenset({errno.ECONNRESET, errno.EPIPE})
_PROXY_ANSWERS = {
    403: "does not let us call the peer; have its address and port allowed there",
    405: "lets nobody call through it; have CONNECT allowed there",
    407: "wants another login; look at [peer] proxy_login",
}
_NOT_ADDED = "they may not have added us, or not our newest certificate"


def unreachable(error: Exception, proxy: str = "") -> UnreachableError:
    """Return what a failed attempt means for an operator.

    Args:
        error: How it failed.
        proxy: What the way to the peer goes through; empty for nothing.
    """
    if told := _at_proxy(error, proxy):
        return UnreachableError(told)
    text = _on_the_way(error)
    if proxy and isinstance(error, aiohttp.ClientConnectorCertificateError):
        text += "; a proxy that inspects TLS has to leave this peer alone"
    return UnreachableError(f"{text} (through {proxy})" if proxy else text)


def _on_the_way(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            text = f"name resolution: {_host(error)} is not known"
        case aiohttp.ClientConnectorCertificateError():
            text = f"refused by us: {_why(error.certificate_error)}"
        case aiohttp.ClientConnectorSSLError():
            text = _handshake(error.os_error)
        case aiohttp.ClientConnectorError():
            text = _connection(error)
        case TimeoutError():
            text = "timeout: no connection in time"
        case OSError() | aiohttp.ServerDisconnectedError() if _is_hang_up(error):
            text = f"refused by them: closed without an answer; {_NOT_ADDED}"
        case _:
            text = f"connection lost: {type(error).__name__}"
    return text


def _at_proxy(error: Exception, proxy: str) -> str:
    """Return what went wrong at the proxy itself; empty if it did not."""
    match error:
        case aiohttp.ClientConnectorDNSError() if proxy:
            return f"proxy: the name in {proxy} is not known"
        case aiohttp.ClientProxyConnectionError():
            return f"proxy: no connection to {proxy}"
        case aiohttp.ClientHttpProxyError():
            told = _PROXY_ANSWERS.get(error.status, "does not reach the peer")
            return f"proxy: {proxy} {told} (HTTP status {error.status})"
        case _:
            return ""


def _host(error: aiohttp.ClientConnectorError) -> str:
    return f"{error.host} port {error.port}"


def _why(error: Exception) -> str:
    if isinstance(error, CertificateRefusedError):
        shown = error.fingerprint or "none"
        return f"certificate: {error.why} (SHA-256 {shown})"
    return "certificate"


def _handshake(error: OSError) -> str:
    if _is_alert(error):
        return f"refused by them: TLS alert; {_NOT_ADDED}"
    word = (error.reason or "unknown") if isinstance(error, ssl.SSLError) else "unknown"
    return f"handshake failed: {word.lower().replace('_', ' ')}"


def _connection(error: aiohttp.ClientConnectorError) -> str:
    where = _host(error)
    code = error.os_error.errno
    if code == errno.ECONNREFUSED:
        return f"connection refused: nothing listens at {where}"
    if code in _NO_ROUTE:
        return f"no route: {where}"
    if code == errno.ECONNRESET:
        return f"refused by them: hung up in the handshake at {where}"
    return f"no connection: {where} ({type(error.os_error).__name__})"


def _is_hang_up(error: Exception) -> bool:
    """Tell whether the other side closed before it answered.

    That is all that a refused certificate shows in TLS 1.3, where the client's
    handshake is over before the server judges.
    """
    return (
        isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError)
        or (isinstance(error, OSError) and error.errno in _HUNG_UP)
        or _is_alert(error)
    )


def _is_alert(error: Exception) -> bool:
    """Tell whether the other side sent a TLS alert.

    In TLS 1.3 it comes after the client's handshake is over, and reaches us in a
    library's error whose class and code are no longer those of TLS: only the text is.
    """
    return "_ALERT_" in str(error)
