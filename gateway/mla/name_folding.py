"""Spelling names, dates and numbers alike, so that two writings of one can be compared.

Folding loses what distinguishes writings of the same name (accents, case, the script,
the order of its parts) and sometimes more: what is found by it are candidates that a
person judges, never matches.
"""

import unicodedata
from functools import lru_cache
from typing import Final


def _pairs(letters: str, written: str) -> dict[str, str]:
    return dict(zip(letters, written.split(), strict=True))


# Letters that Unicode does not take apart into a base letter and a mark.
_LATIN: Final = {
    "æ": "a",
    "ð": "d",
    "ø": "o",
    "þ": "th",
    "đ": "d",
    "ħ": "h",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "ĸ": "k",
    "ł": "l",
    "ŋ": "n",
    "œ": "o",
    "ŧ": "t",
    "ə": "a",
}
# After ICAO Doc 9303, part 3, and the passports of the States concerned. Hard and soft
# signs are left out.
_CYRILLIC: Final = _pairs(
    "абвгґдѓђеєжзѕиіјкќлљмнњопрстћуфхцчџшщыэюя",
    "a b v g g d g d e e zh z z i i j k k l l m n n o p r s t c u f kh ts ch dz sh "
    "shch y e iu ia",
)
_SIGNS: Final = dict.fromkeys("ъьʹʺ", "")
_GREEK: Final = _pairs(
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    "a v g d e z i th i k l m n x o p r s s t y f ch ps o",
)
_FOLDED: Final = str.maketrans(_LATIN | _CYRILLIC | _SIGNS | _GREEK)
_APOSTROPHES: Final = (
    "'`\N{ACUTE ACCENT}\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
)
# A vowel with two dots is written with an e after it where there are no dots.
_DIGRAPHS: Final = (("ae", "a"), ("oe", "o"), ("ue", "u"))


@lru_cache(maxsize=4_096)
def folded_tokens(text: str) -> tuple[str, ...]:
    """Return the parts of a name, each folded, in order of the alphabet.

    Scripts without a table here keep their letters: they are found by the same
    writing only.
    """
    if text.isascii():
        folded = text.lower()
    else:
        apart = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED)
        folded = "".join(one for one in apart if not unicodedata.combining(one))
    for written, vowel in _DIGRAPHS:
        folded = folded.replace(written, vowel)
    spaced = "".join(one if one.isalnum() else _gap(one) for one in folded)
    return tuple(sorted(spaced.split()))


def _gap(character: str) -> str:
    """Return what stands for a character that is no letter: apostrophes join."""
    return "" if character in _APOSTROPHES else " "


def folded_name(*texts: str) -> str:
    """Return all parts of some names as one text, whatever their order."""
    return " ".join(sorted(token for text in texts for token in folded_tokens(text)))


def folded_number(text: str) -> str:
    """Return the letters and digits of a number, without spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if one.isalnum())


def folded_phone(text: str) -> str:
    """Return the last nine digits of a telephone number: without how it is dialled."""
    digits = "".join(one for one in text if one.isdigit())
    return digits[-9:]


def folded_mail(text: str) -> str:
    """Return an e-mail address without the spaces round it and without capitals."""
    return text.strip().casefold()
