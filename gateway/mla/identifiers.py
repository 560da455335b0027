"""The usual form of identifiers of electronic data, by type; pure arithmetic."""

import re
from collections.abc import Callable
from ipaddress import ip_address

_TEL = re.compile(r"\+[1-9]\d{6,14}\Z", re.ASCII)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}\Z")
_IMSI = re.compile(r"\d{14,15}\Z", re.ASCII)
_IMEI = re.compile(r"\d{15}\Z", re.ASCII)
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}\Z")
_IBAN = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}\Z", re.ASCII)
_DOMAIN = re.compile(r"(?=.{1,253}\Z)([^\s.]{1,63}\.)+[^\s.]{2,63}\Z")
_URL = re.compile(r"[a-z][a-z0-9+.-]*:\S+\Z", re.ASCII)
# First six and last four digits only: a whole card number is worth stealing.
_CARD = re.compile(r"\d{6}[*xX]{2,9}\d{4}\Z", re.ASCII)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_imei(text: str) -> bool:
    if not _IMEI.match(text):
        return False
    # Luhn: every second digit doubled, its own digits added.
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in text[1::2])
    return (doubled + sum(map(int, text[0::2]))) % 10 == 0


def _is_iban(text: str) -> bool:
    if not _IBAN.match(text):
        return False
    # ISO 13616: country and check digits last, letters as 10 to 35, remainder 1.
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.match(text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "IP": _is_ip,
    "TEL": _matches(_TEL),
    "EMAIL": _matches(_EMAIL),
    "IMEI": _is_imei,
    "IMSI": _matches(_IMSI),
    "MAC": _matches(_MAC),
    "URL": _matches(_URL),
    "DOMAIN": _matches(_DOMAIN),
    "IBAN": _is_iban,
    "CARD": _matches(_CARD),
}


def is_well_formed(identifier_type: str, text: str) -> bool:
    """Tell whether `text` looks as identifiers of that type do; True if unknown."""
    check = _CHECKS.get(identifier_type)
    return check is None or check(text)
