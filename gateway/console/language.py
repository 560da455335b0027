"""Languages of the console: English in the code, others from catalogues.

Catalogues are `locale/LANGUAGE/SUBJECT.po`; their ids are the English sentences. They
are read once at the start, so there is nothing to compile.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from gateway.mla.wording import Language

_MAX_PREFERENCES = 20

# As the catalogues are written; Babel's own table has a further form for millions.
_PLURAL_FORMS = {Language.FRENCH: "nplurals=2; plural=(n > 1);"}


def mark(text: str) -> str:
    """Return a text that is translated where it is shown; marks it for catalogues."""
    return text


@dataclass(frozen=True, slots=True)
class Speech:
    """How to speak to a reader."""

    language: Language
    locale: Locale = field(repr=False)
    catalogue: NullTranslations = field(repr=False)

    def say(self, text: str, **values: object) -> str:
        """Return a sentence in this language, with values put in by name."""
        said = self.catalogue.ugettext(text)
        return said % values if values else said

    def say_many(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the sentence for a number of things; `%(num)s` is the number."""
        said = self.catalogue.ungettext(one, many, count)
        return said % ({"num": count} | values)


def load_speeches() -> Mapping[Language, Speech]:
    """Return all languages, their catalogues read."""
    return {
        language: Speech(language, Locale(language.value), _catalogue(language))
        for language in Language
    }


def _catalogue(language: Language) -> NullTranslations:
    if language is Language.ENGLISH:
        return NullTranslations()
    folder = resources.files(__package__).joinpath("locale", language.value)
    whole = Catalog(locale=language.value)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        with file.open("rb") as source:
            for message in read_po(source, locale=language.value):
                if message.id:
                    whole.add(message.id, message.string)
    whole.mime_headers = [("Plural-Forms", _PLURAL_FORMS[language])]
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def preferred(wanted: str, accepted: str) -> Language:
    """Return the language of a reader.

    Args:
        wanted: What the account is set to; empty if to nothing.
        accepted: An `Accept-Language` header (RFC 9110, section 12.5.4).
    """
    for tag in (wanted, *_by_preference(accepted)):
        primary = tag.partition("-")[0].lower()
        if primary in set(Language):
            return Language(primary)
    return Language.ENGLISH


def _by_preference(accepted: str) -> list[str]:
    weighed: list[tuple[float, str]] = []
    for part in accepted.split(",")[:_MAX_PREFERENCES]:
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        weighed.append((-quality, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]
