"""The time-stamping authority of the settings, checked before anything starts."""

from gateway.config.settings import Settings
from gateway.core.errors import ConfigError, MalformedError
from gateway.core.limits import KIB
from gateway.core.translog.stamps import MISSING_EXTRA, is_supported, parse_roots
from gateway.transport.tsa_client import TsaClient

_MAX_CA_BYTES = 256 * KIB


def time_stamping(settings: Settings) -> TsaClient | None:
    """Return the authority that stamps our log; None if none is configured.

    Raises:
        ConfigError: The library is missing, or the CA file can't be used.
    """
    url, file = settings.log.tsa, settings.log.tsa_ca
    if url is None or file is None:
        return None
    if not is_supported():
        raise ConfigError(f"log.tsa: {MISSING_EXTRA}; or take log.tsa out")
    try:
        with file.open("rb") as opened:
            pem = opened.read(_MAX_CA_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"log.tsa_ca: {file}: {error.strerror}") from error
    if len(pem) > _MAX_CA_BYTES:
        raise ConfigError(f"log.tsa_ca: {file}: over {_MAX_CA_BYTES} bytes")
    try:
        return TsaClient(url, parse_roots(pem))
    except MalformedError as error:
        raise ConfigError(f"log.tsa_ca: {file}: {error}") from error
