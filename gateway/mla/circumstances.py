"""Blocks for what a request says beside what it asks: remedies, emergency, costs.

How to read a declaration is said in `blocks`.
"""

from gateway.mla.fields import Block, Choice, may, must
from gateway.mla.parties import MTEXT
from gateway.mla.spellings import (
    CURRENCY,
    DATE,
    DECIMAL,
    FLAG,
    ID,
    LANGUAGE,
    MOMENT,
    REFERENCE,
    TEXT,
)

REMEDIES = Block(
    "Remedies",
    (
        must(
            "challenged",
            FLAG,
            "Whether a remedy was sought",
            "Si un recours a été formé",
        ),
        may("info_contact", TEXT, "Who informs about it", "Contact"),
        may("time_limit", TEXT, "Time limit", "Délai"),
    ),
)

RELATED = Block(
    "Related matter",
    (
        must(
            "kind",
            Choice(("EARLIER_REQ", "PRESERVATION", "PARALLEL", "OTHER_STATE")),
            "How it is related",
            "Nature du lien",
        ),
        may("case_id", ID, "Case in this system", "Affaire dans ce système"),
        may("ref", REFERENCE, "File number", "Numéro de dossier"),
        may("date", DATE, "Date", "Date"),
        may("authority", TEXT, "Authority", "Autorité"),
    ),
)

ORAL_CONTACT = Block(
    "Oral contact",
    (
        must("who", TEXT, "With whom", "Interlocuteur"),
        must("when", MOMENT, "When", "Moment"),
    ),
)

EMERGENCY = Block(
    "Emergency",
    (
        must(
            "facts",
            MTEXT,
            "Facts that show the threat. What is imminent, and how it is known",
            "Faits. Ce qui est imminent, et comment on le sait",
        ),
        must(
            "threatened_interest",
            TEXT,
            "What is threatened. A life, bodily safety, or a critical infrastructure",
            "Intérêt menacé. Une vie, l'intégrité physique ou une "
            "infrastructure critique",
        ),
        must(
            "how_data_help",
            MTEXT,
            "How the data help. Say what will be done with them at once",
            "Utilité des données. Dire ce qui en sera fait aussitôt",
        ),
        may("oral_contact", ORAL_CONTACT, "Oral contact made", "Contact oral"),
        may(
            "ex_post_validation_due",
            MOMENT,
            "Later validation due by. At most 48 hours after the order",
            "Validation ultérieure avant le. Au plus 48 heures après l'ordre",
        ),
    ),
)

TRANSLATION = Block(
    "Translation",
    (
        must("of", TEXT, "What is translated", "Objet"),
        must("lang", LANGUAGE, "Into which language", "Langue cible"),
        must("certified", FLAG, "Whether certified", "Si certifiée"),
        may("translator", TEXT, "Translator", "Traducteur"),
    ),
)

COSTS = Block(
    "Costs",
    (
        may("estimate", DECIMAL, "Estimated amount", "Montant estimé"),
        may("currency", CURRENCY, "Currency", "Devise"),
        may(
            "extraordinary",
            FLAG,
            "Whether extraordinary. Ordinary costs stay with the side that executes",
            "Frais extraordinaires. Les frais ordinaires restent à la "
            "partie qui exécute",
        ),
        may("who_pays", TEXT, "Who pays", "Qui paie"),
    ),
)
