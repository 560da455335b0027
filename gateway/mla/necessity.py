"""Statements of necessity: they have to say something (LED 4(1)(c), 2023/1543 5(2))."""

from typing import Final

_LEAST_WORDS: Final = 2
_LEAST_UNSPACED_CHARS: Final = 6
# From here on there are scripts that put no spaces between words.
_FIRST_UNSPACED: Final = "\u0e00"


def is_stated(text: str) -> bool:
    """Tell whether a statement is more than one word.

    Of a script that puts no spaces between words, a few characters are asked for.
    """
    if len(text.split()) >= _LEAST_WORDS:
        return True
    unspaced = sum(char >= _FIRST_UNSPACED for char in text)
    return unspaced >= _LEAST_UNSPACED_CHARS
