"""Cards in files, before anything in them is believed."""

from pathlib import Path

from gateway.cli.files import read_input
from gateway.core.errors import MalformedError, UntrustedCardError
from gateway.core.identity import VerifiedCard, parse_card, verify_card
from gateway.core.limits import MAX_CARD_BYTES


def read_card(path: Path) -> VerifiedCard:
    """Return the card in a file, shown to agree with itself and no more.

    Anyone can make such a card in any name: its fingerprint is still to be compared.

    Raises:
        UsageError: The file can't be read.
        MalformedError: It is no card.
        UntrustedCardError: Its proofs do not hold.
    """
    raw = read_input(path, max_bytes=MAX_CARD_BYTES)
    try:
        return verify_card(raw, stage=parse_card(raw).card.stage)
    except MalformedError as error:
        raise MalformedError(f"{path}: is no card: {error}") from error
    except UntrustedCardError as error:
        raise UntrustedCardError(f"{path}: {error}") from error
