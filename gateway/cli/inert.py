"""Foreign text made harmless: what a terminal would obey is shown instead.

Control characters move the cursor or start escape sequences, direction characters
turn the text around, invisible ones make two names look alike.
"""

import unicodedata

# First code point that JSON spells as two escapes.
_BEYOND_BMP = 0x10000


def inert(text: str) -> str:
    """Return `text` as one line of characters that only stand there."""
    if text.isprintable():
        return text
    return "".join(char if _is_inert(char) else _escape(char) for char in text)


def inert_lines(text: str) -> str:
    """Return `text` likewise, but with its line feeds kept."""
    return "\n".join(map(inert, text.split("\n")))


def _is_inert(char: str) -> bool:
    # The wider blanks are not "printable", but do nothing.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _escape(char: str) -> str:
    r"""Return a character as JSON would escape it: within JSON the value stays."""
    code = ord(char)
    if code < _BEYOND_BMP:
        return f"\\u{code:04x}"
    above = code - _BEYOND_BMP
    return f"\\u{0xD800 + (above >> 10):04x}\\u{0xDC00 + (above & 0x3FF):04x}"
