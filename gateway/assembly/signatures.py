"""Whether and how signatures of persons on files are checked."""

from importlib.util import find_spec

import structlog

from gateway.config.settings import Settings
from gateway.ports.signatures import SignatureCheck
from gateway.signatures.process import NoSignatureLibrary, SignatureProcess
from gateway.signatures.trust import read_roots

log = structlog.get_logger()


def signature_check(settings: Settings) -> SignatureCheck:
    """Return what looks at signed files.

    Raises:
        ConfigError: The trust list can't be read.
    """
    folder = settings.signatures.trust
    roots = {} if folder is None else read_roots(folder)
    if find_spec("pyhanko") is None or find_spec("signxml") is None:
        log.info("signatures_not_checked", reason="extra `signatures` not installed")
        return NoSignatureLibrary()
    return SignatureProcess(roots)
