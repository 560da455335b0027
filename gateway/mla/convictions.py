"""A conviction, as registers tell each other of it.

After Framework Decision 2009/315/JHA, article 11, and the common tables of offences and
penalties of Decision 2009/316/JHA.
"""

from gateway.mla.fields import Block, Code, ListOf, Whole, may, must
from gateway.mla.parties import MTEXT, TEXTS, YES_NO_UNKNOWN
from gateway.mla.spellings import (
    COUNTRY,
    CURRENCY,
    DATE,
    DECIMAL,
    DURATION,
    PARTIAL_DATE,
    REFERENCE,
    TEXT,
)

RECORDED_OFFENCE = Block(
    "Offence of a conviction",
    (
        must("offence_id", REFERENCE, "Short id", "Repère"),
        must("ecris", Code("OFF_ECRIS"), "Common category", "Catégorie commune"),
        may("national_code", REFERENCE, "National code", "Code national"),
        may("national_title", TEXT, "National title", "Intitulé national"),
        may("provision", TEXT, "Provision of law", "Disposition légale"),
        may("start", PARTIAL_DATE, "Committed from", "Commise à partir du"),
        may("end", PARTIAL_DATE, "Committed until", "Commise jusqu'au"),
        may("place", TEXT, "Where", "Lieu"),
        may(
            "occurrences",
            Whole(1, 100_000),
            "How often. How many times the same offence was committed",
            "Nombre de fois. Combien de fois la même infraction a été commise",
        ),
        may("continuous", YES_NO_UNKNOWN, "Whether continuous", "Si continue"),
        may(
            "completion",
            Code("ECRIS_PARAM", only=("C", "A")),
            "Completed or attempted",
            "Consommée ou tentée",
        ),
        may(
            "participation",
            Code("ECRIS_PARAM", only=("M", "H")),
            "Perpetrator or participant",
            "Auteur ou participant",
        ),
        may(
            "exemption",
            YES_NO_UNKNOWN,
            "Exempt from responsibility. Yes if the person was found to "
            "be of unsound mind",
            "Exemption de responsabilité. yes si la personne a été jugée irresponsable",
        ),
        may("recidivism", YES_NO_UNKNOWN, "Recidivism", "Récidive"),
    ),
)

# The list serves offences and penalties: the letters of one are none of the other.
_SUSPENDED = ("pen:a", "pen:b", "pen:c", "pen:d")
_OF_OFFENCES = ("C", "A", "M", "H", "S", "R")

SUSPENSION = Block(
    "Suspension",
    (
        must(
            "type",
            Code("ECRIS_PARAM", only=_SUSPENDED),
            "Kind of suspension",
            "Type de sursis",
        ),
        may("probation", DURATION, "Time of probation", "Délai d'épreuve"),
        may("part", DURATION, "Part suspended", "Partie assortie du sursis"),
    ),
)

SANCTION = Block(
    "Sanction",
    (
        must("sanction_id", REFERENCE, "Short id", "Repère"),
        must("ecris", Code("ECRIS_PENALTY"), "Common category", "Catégorie commune"),
        may(
            "nature",
            TEXT,
            "Principal or additional. As the judgment puts it",
            "Principale ou complémentaire. Selon le jugement",
        ),
        may(
            "alternative",
            Code("ECRIS_PARAM", only=("pen:f", "pen:g")),
            "Alternative penalty",
            "Peine alternative",
        ),
        may("multiplier", Whole(1, 1_000), "How often", "Nombre"),
        may("minors_only", YES_NO_UNKNOWN, "Only for minors", "Propre aux mineurs"),
        may("sentenced_period", DURATION, "Period imposed", "Durée prononcée"),
        may(
            "execution_period",
            DURATION,
            "Period executed. What is to be served after suspension",
            "Durée exécutée. Ce qui reste à exécuter après le sursis",
        ),
        may("fines", Whole(1, 100_000), "Number of fines", "Nombre d'amendes"),
        may("amount", DECIMAL, "Amount", "Montant"),
        may("currency", CURRENCY, "Currency", "Devise"),
        may("suspension", SUSPENSION, "Suspension", "Sursis"),
        may("interruptions", TEXTS, "Interruptions", "Interruptions"),
        may("text", TEXT, "Remarks", "Remarques"),
    ),
)

LATER_DECISION = Block(
    "Later decision",
    (
        must("decision_id", REFERENCE, "Short id", "Repère"),
        must(
            "change",
            Code("ECRIS_PARAM", never=_OF_OFFENCES),
            "What it changes",
            "Ce qu'elle modifie",
        ),
        must("date", DATE, "Date", "Date"),
        may(
            "final_date",
            DATE,
            "Final since. The day after which it can no longer be appealed",
            "Définitive depuis. Le jour après lequel aucun recours n'est possible",
        ),
        may("authority", TEXT, "Authority", "Autorité"),
        may(
            "delete_from_register",
            YES_NO_UNKNOWN,
            "Whether the conviction is to be deleted. Yes, and every "
            "State that was told must delete it too",
            "Si la condamnation est à supprimer. Si yes, chaque État "
            "informé doit aussi la supprimer",
        ),
    ),
)

RELATION = Block(
    "Relation",
    (
        must("from", REFERENCE, "From, by short id", "De, par repère"),
        must("to", ListOf(REFERENCE, least=1), "To, by short id", "Vers, par repère"),
    ),
)

CONVICTION = Block(
    "Conviction",
    (
        must("conviction_id", REFERENCE, "Short id", "Repère"),
        must("convicting_country", COUNTRY, "Convicting State", "État de condamnation"),
        may("file_number", REFERENCE, "File number", "Numéro de dossier"),
        must("decision_date", DATE, "Date of the decision", "Date de la décision"),
        may(
            "final_date",
            DATE,
            "Final since. The day after which it can no longer be appealed",
            "Définitive depuis. Le jour après lequel aucun recours n'est possible",
        ),
        must("authority", TEXT, "Deciding authority", "Autorité de jugement"),
        may(
            "non_criminal_ruling",
            YES_NO_UNKNOWN,
            "Whether the ruling is not criminal. Such as one by an "
            "administrative authority",
            "Si la décision n'est pas pénale. Comme celle d'une autorité "
            "administrative",
        ),
        may(
            "retention_end",
            DATE,
            "Kept in the register until. It ends the right to keep it elsewhere, too",
            "Conservée au registre jusqu'au. Ailleurs aussi, la conservation prend fin",
        ),
        may(
            "transmittable",
            YES_NO_UNKNOWN,
            "Whether it may be passed on for other purposes",
            "Si elle peut être transmise à d'autres fins",
        ),
        may("remarks", MTEXT, "Remarks", "Remarques"),
        must("offences", ListOf(RECORDED_OFFENCE, least=1), "Offences", "Infractions"),
        must("sanctions", ListOf(SANCTION, least=1), "Sanctions", "Peines"),
        may("decisions", ListOf(LATER_DECISION), "Later decisions", "Suites"),
        may(
            "relations",
            ListOf(RELATION),
            "What belongs to what. Which sanction is for which offence, by short ids",
            "Relations. Quelle peine pour quelle infraction, par repères",
        ),
    ),
)
