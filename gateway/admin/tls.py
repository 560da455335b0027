"""The certificate of the admin API, when it is not on loopback."""

import ssl
from pathlib import Path

from gateway.core.errors import ConfigError


def admin_tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what the admin listener shows its callers.

    Args:
        certificate: PEM file of the chain, from the authority's own PKI.
        key: PEM file of its private key.

    Raises:
        ConfigError: They can't be read or do not fit.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise ConfigError(
            f"admin tls: {certificate} and {key} are not a certificate and its key: "
            f"{error.strerror}",
        ) from error
    return context
