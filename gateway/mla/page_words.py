"""The words of printed pages that no form declares, in the languages kept."""

from typing import Final

from gateway.mla.wording import Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "field": ("Field", "Champ"),
    "value": ("Content", "Contenu"),
    "message": ("The message", "Le message"),
    "translation": ("translation", "traduction"),
    "certified": ("certified translation", "traduction certifiée"),
    "yes": ("Yes", "Oui"),
    "no": ("No", "Non"),
    "page": ("Page", "Page"),
    "delivery": ("Evidence of delivery", "Preuves de transmission"),
    "delivery_note": (
        (
            "Each line names an entry of a log that its keeper signed and cannot "
            "change unseen. The proof files and the program that checks them come "
            "with the evidence bundle of this message."
        ),
        (
            "Chaque ligne désigne une inscription d'un journal signé par celui qui "
            "le tient et qu'il ne peut modifier sans que cela se voie. Les fichiers "
            "de preuve et le programme qui les vérifie accompagnent le dossier de "
            "preuves de ce message."
        ),
    ),
    "undelivered": (
        "No proof of the other side is held yet.",
        "Aucune preuve de l'autre partie n'est encore détenue.",
    ),
    "printed_for": ("Printed for", "Imprimé pour"),
    "printed_at": ("Printed at", "Imprimé le"),
    "purpose": ("Purpose stated", "Motif indiqué"),
    "state": ("State of the message", "État du message"),
    "envelope": ("Digest of the sealed envelope", "Empreinte de l'enveloppe scellée"),
    "content": ("Digest of the content", "Empreinte du contenu"),
    "log": ("Log", "Journal"),
    "entry": ("Entry", "Inscription"),
    "shown": ("What it shows", "Ce qu'elle établit"),
    "when": ("When (UTC)", "Moment (UTC)"),
    "tree": ("Size of the signed tree", "Taille de l'arbre signé"),
    "origin": ("Sent", "Envoyé"),
    "receipt": ("Received", "Reçu"),
    "opening": ("Opened for the first time", "Ouvert pour la première fois"),
    "refusal": ("Refused", "Refusé"),
    "key-refusal": ("Refused for its key; sealed again", "Clé refusée ; scellé à neuf"),
    "expiry": ("Expired", "Expiré"),
    "cancellation": ("Withdrawn", "Retiré"),
    "access": ("Opened for this print", "Ouvert pour cette impression"),
}


def wording(key: str, language: Language) -> str:
    """Return the words for a key in a language.

    Raises:
        KeyError: There are none; a defect of ours.
    """
    english, french = _WORDS[key]
    return french if language is Language.FRENCH else english
