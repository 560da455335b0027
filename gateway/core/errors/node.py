"""What is wrong with this node, its files or what is shown to it."""

from gateway.core.errors.base import GatewayError


class DamagedError(GatewayError):
    """Evidence that lies here is not what it was when it was stored."""

    code = "damaged"
    is_permanent = True


class ConfigError(GatewayError):
    """The configuration has problems; each is named with file and line."""

    code = "config-invalid"
    is_permanent = True


class CannotPrintError(GatewayError):
    """Pages cannot be made here; the message says what is missing."""

    code = "cannot-print"


class KeystoreError(GatewayError):
    """A private key is missing, unreadable, unsafe or locked."""

    code = "keys-unusable"
    is_permanent = True


class StoreError(GatewayError):
    """The database is not one this node can safely run on."""

    code = "store-unusable"
    is_permanent = True


class VerificationError(GatewayError):
    """Evidence does not show what it claims."""

    code = "verification-failed"
    is_permanent = True
