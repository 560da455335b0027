"""Blocks that forms share: proceedings, offences, facts, measures, reasons.

Each `Block` is a list of fields: `must` is mandatory, `may` optional, `must_if`
mandatory while its condition holds. The two texts are the help in English and French.
"""

from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    ListOf,
    Whole,
    may,
    must,
    must_if,
    when,
    when_other,
)
from gateway.mla.parties import AUTHORITY, MTEXT, REFERENCES, TEXTS
from gateway.mla.spellings import (
    CURRENCY,
    DATE,
    DECIMAL,
    FLAG,
    ID,
    LANGUAGE,
    LOCAL_MOMENT,
    MOMENT,
    PARTIAL_DATE,
    REFERENCE,
    TEXT,
)

# Service and criminal records are given without facts or text of law.
NOT_ONLY_SERVICE_OR_RECORDS = when_other("/payload/measures/*/assist", "A10", "A12")

PROCEEDINGS = Block(
    "Proceedings",
    (
        must("type", Code("PROCEEDING"), "Kind of proceedings", "Type de procédure"),
        must("stage", Code("PROC_STAGE"), "Stage reached", "Stade de la procédure"),
        must(
            "case_number",
            REFERENCE,
            "National case number",
            "Numéro de dossier national",
        ),
        must(
            "authority_conducting",
            Either(TEXT, AUTHORITY),
            "Authority that conducts them",
            "Autorité chargée de la procédure",
        ),
        may(
            "functions",
            TEXT,
            "What that authority does",
            "Fonctions de cette autorité",
        ),
        may("opened_on", DATE, "Day they were opened", "Date d'ouverture"),
    ),
)

OFFENCE = Block(
    "Offence",
    (
        must("title", MTEXT, "Name of the offence", "Intitulé de l'infraction"),
        must("provision", TEXT, "Provision of law", "Disposition légale"),
        must_if(
            NOT_ONLY_SERVICE_OR_RECORDS,
            "statute_text",
            MTEXT,
            "Wording of the provision",
            "Texte de la disposition",
        ),
        may(
            "max_penalty_months",
            Whole(0, 1_200),
            "Highest penalty, in months",
            "Peine maximale, en mois",
        ),
        may(
            "eu32",
            Code("OFF_EU32"),
            "Category of the EU list of 32",
            "Catégorie de la liste des 32",
        ),
        may("ecris", Code("OFF_ECRIS"), "ECRIS category", "Catégorie ECRIS"),
        may("iccs", Code("OFF_ICCS"), "ICCS section", "Section ICCS"),
        may("from", PARTIAL_DATE, "Committed from", "Commise à partir du"),
        may("to", PARTIAL_DATE, "Committed until", "Commise jusqu'au"),
        may("place", TEXT, "Where", "Lieu"),
        may("attempt", FLAG, "Whether an attempt", "S'il s'agit d'une tentative"),
        may(
            "participation",
            Code("ECRIS_PARAM", only=("M", "H")),
            "Perpetrator or participant",
            "Auteur ou participant",
        ),
    ),
)

FACTS = Block(
    "Facts",
    (
        must("summary", MTEXT, "What happened", "Exposé des faits"),
        may("stage", Code("PROC_STAGE"), "Stage reached", "Stade atteint"),
        must(
            "nexus",
            MTEXT,
            "Why the evidence matters",
            "Lien entre la preuve et les faits",
        ),
        may("risk", MTEXT, "What could be lost", "Risque de perte"),
    ),
)

NECESSITY = Block(
    "Necessity",
    (
        must("necessity", MTEXT, "Why it is needed", "Nécessité"),
        must(
            "proportionality",
            MTEXT,
            "Why it is in proportion",
            "Proportionnalité",
        ),
        may(
            "less_intrusive_considered",
            MTEXT,
            "Milder means considered",
            "Moyens moins intrusifs envisagés",
        ),
        must(
            "domestic_equivalent",
            FLAG,
            "Whether it could be ordered at home",
            "Si la mesure serait possible en droit interne",
        ),
        may(
            "sensitive_data_justification",
            MTEXT,
            "Why special categories of data are needed",
            "Justification des données sensibles",
        ),
    ),
)

IDENTIFIER = Block(
    "Identifier",
    (
        must("identifier_id", REFERENCE, "Short id used in this form", "Repère"),
        must("type", Code("IDENTIFIER"), "Kind of identifier", "Type d'identifiant"),
        must("value", TEXT, "The identifier", "L'identifiant"),
        may("service", TEXT, "Service it belongs to", "Service concerné"),
        must_if(
            when("type", "IP"),
            "at",
            LOCAL_MOMENT,
            "Moment of use, with time zone",
            "Moment d'utilisation, avec fuseau",
        ),
        may("source_port", Whole(0, 65_535), "Source port", "Port source"),
    ),
)

PERIOD = Block(
    "Period",
    (
        must("from", DATE, "First day", "Premier jour"),
        must("to", DATE, "Last day", "Dernier jour"),
    ),
)

ORDER = Block(
    "Order",
    (
        must("court", TEXT, "Court or office", "Juridiction ou service"),
        must("ref", REFERENCE, "Reference", "Référence"),
        must("date", DATE, "Date", "Date"),
        may("final_on", DATE, "Final since", "Définitif depuis"),
    ),
)

ASSET = Block(
    "Asset",
    (
        must("asset_id", REFERENCE, "Short id used in this form", "Repère"),
        must("kind", REFERENCE, "Kind of asset", "Nature du bien"),
        may("description", MTEXT, "Description", "Description"),
        must("location", TEXT, "Where it is", "Localisation"),
        may(
            "identifier",
            TEXT,
            "Account, plate, land number or wallet",
            "Compte, plaque, parcelle ou portefeuille",
        ),
        may("est_value", DECIMAL, "Estimated value", "Valeur estimée"),
        may("currency", CURRENCY, "Currency", "Devise"),
        may("owner_ids", REFERENCES, "Owners, by person id", "Propriétaires"),
        must(
            "basis",
            Choice(("PROCEEDS", "INSTRUMENT", "EQUIVALENT", "EXTENDED")),
            "Ground for the measure",
            "Fondement de la mesure",
        ),
    ),
)

MEASURE = Block(
    "Measure",
    (
        must("measure_id", REFERENCE, "Short id used in this case", "Repère"),
        must("assist", Code("ASSIST"), "Kind of assistance", "Type d'entraide"),
        must("description", MTEXT, "What is asked", "Mesure demandée"),
        may("person_ids", REFERENCES, "Persons concerned", "Personnes concernées"),
        may("place", TEXT, "Where", "Lieu"),
        may("period", PERIOD, "Period concerned", "Période concernée"),
        may(
            "identifiers",
            ListOf(Either(REFERENCE, IDENTIFIER)),
            "Identifiers, or their short ids",
            "Identifiants, ou leurs repères",
        ),
        may(
            "data_cats",
            ListOf(Code("DATA_CAT")),
            "Categories of data",
            "Catégories de données",
        ),
        may(
            "special_procedure",
            MTEXT,
            "Procedure to follow",
            "Formalités à respecter",
        ),
        may(
            "officials_present",
            TEXTS,
            "Officials to be present",
            "Agents présents",
        ),
        may("asset", ASSET, "Asset concerned", "Bien concerné"),
        may("order", ORDER, "Order to be executed", "Décision à exécuter"),
    ),
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
        must("facts", MTEXT, "Facts that show the threat", "Faits"),
        must("threatened_interest", TEXT, "What is threatened", "Intérêt menacé"),
        must("how_data_help", MTEXT, "How the data help", "Utilité des données"),
        may("oral_contact", ORAL_CONTACT, "Oral contact made", "Contact oral"),
        may(
            "ex_post_validation_due",
            MOMENT,
            "Later validation due by",
            "Validation ultérieure avant le",
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
        may("extraordinary", FLAG, "Whether extraordinary", "Frais extraordinaires"),
        may("who_pays", TEXT, "Who pays", "Qui paie"),
    ),
)
