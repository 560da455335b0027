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
    LOCAL_MOMENT,
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
            "National case number. As the court or prosecutor writes it; "
            "replies will quote it",
            "Numéro de dossier national. Tel que l'écrit le tribunal ou "
            "le parquet ; les réponses le citeront",
        ),
        must(
            "authority_conducting",
            Either(TEXT, AUTHORITY),
            "Authority that conducts them. Name the court or office, or "
            "give its full block if it may be contacted",
            "Autorité chargée de la procédure. Nommer le tribunal ou le "
            "service, ou donner son bloc s'il peut être contacté",
        ),
        may(
            "functions",
            TEXT,
            "What that authority does. Such as trial court, or office "
            "that leads the investigation",
            "Fonctions de cette autorité. Par exemple juridiction de "
            "jugement ou service d'enquête",
        ),
        may("opened_on", DATE, "Day they were opened", "Date d'ouverture"),
    ),
)

OFFENCE = Block(
    "Offence",
    (
        must(
            "title",
            MTEXT,
            "Name of the offence. As your law names it; add a "
            "translation where the other side needs one",
            "Intitulé de l'infraction. Selon votre droit ; ajouter une "
            "traduction si l'autre partie en a besoin",
        ),
        must(
            "provision",
            TEXT,
            "Provision of law. Code and section, such as Criminal Code s. 263",
            "Disposition légale. Code et article, comme code pénal, art. 313-1",
        ),
        must_if(
            NOT_ONLY_SERVICE_OR_RECORDS,
            "statute_text",
            MTEXT,
            "Wording of the provision. Quote the words in force when it "
            "was committed, with the penalty",
            "Texte de la disposition. Citer le texte en vigueur lors des "
            "faits, avec la peine",
        ),
        may(
            "max_penalty_months",
            Whole(0, 1_200),
            "Highest penalty, in months. Three years are 36; leave out "
            "if there is no prison sentence",
            "Peine maximale, en mois. Trois ans font 36 ; laisser vide "
            "sans peine de prison",
        ),
        may(
            "eu32",
            Code("OFF_EU32"),
            "Category of the EU list of 32. Only if the maximum is three "
            "years or more; dual criminality is then not checked",
            "Catégorie de la liste des 32. Seulement si le maximum "
            "atteint trois ans ; la double incrimination n'est alors pas "
            "contrôlée",
        ),
        may(
            "ecris",
            Code("OFF_ECRIS"),
            "ECRIS category. Take the sub-category if you know it",
            "Catégorie ECRIS. Indiquer la sous-catégorie si elle est connue",
        ),
        may("iccs", Code("OFF_ICCS"), "ICCS section", "Section ICCS"),
        may(
            "from",
            PARTIAL_DATE,
            "Committed from. A year or month is enough where the day is not known",
            "Commise à partir du. L'année ou le mois suffit si le jour est inconnu",
        ),
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
        must(
            "summary",
            MTEXT,
            "What happened. Who did what, when and where, in a few "
            "sentences a foreign judge understands",
            "Exposé des faits. Qui a fait quoi, quand et où, en phrases "
            "qu'un juge étranger comprend",
        ),
        may("stage", Code("PROC_STAGE"), "Stage reached", "Stade atteint"),
        must(
            "nexus",
            MTEXT,
            "Why the evidence matters. Say what each thing asked for is "
            "expected to prove",
            "Lien entre la preuve et les faits. Dire ce que chaque "
            "élément demandé doit prouver",
        ),
        may(
            "risk",
            MTEXT,
            "What could be lost. Such as records that are deleted after "
            "a number of days",
            "Risque de perte. Par exemple des données effacées après un certain délai",
        ),
    ),
)

NECESSITY = Block(
    "Necessity",
    (
        must(
            "necessity",
            MTEXT,
            "Why it is needed. Say why this case cannot do without it",
            "Nécessité. Dire pourquoi l'affaire ne peut s'en passer",
        ),
        must(
            "proportionality",
            MTEXT,
            "Why it is in proportion. Weigh the offence against how many "
            "people and what time are concerned",
            "Proportionnalité. Mettre en balance l'infraction, les "
            "personnes et la durée concernées",
        ),
        may(
            "less_intrusive_considered",
            MTEXT,
            "Milder means considered. Say which were tried, and why they did not do",
            "Moyens moins intrusifs envisagés. Dire lesquels ont été "
            "essayés, et pourquoi ils ne suffisent pas",
        ),
        must(
            "domestic_equivalent",
            FLAG,
            "Whether it could be ordered at home. True if the same "
            "measure could be ordered in a like domestic case",
            "Si la mesure serait possible en droit interne. true si la "
            "même mesure serait possible dans une affaire interne "
            "semblable",
        ),
        may(
            "sensitive_data_justification",
            MTEXT,
            "Why special categories of data are needed. Name each "
            "category, such as health, and what it is for",
            "Justification des données sensibles. Nommer chaque "
            "catégorie, comme la santé, et son utilité",
        ),
    ),
)

IDENTIFIER = Block(
    "Identifier",
    (
        must(
            "identifier_id",
            REFERENCE,
            "Short id used in this form. Such as I1; measures refer to it",
            "Repère. Comme I1 ; les mesures y renvoient",
        ),
        must("type", Code("IDENTIFIER"), "Kind of identifier", "Type d'identifiant"),
        must("value", TEXT, "The identifier", "L'identifiant"),
        may(
            "service",
            TEXT,
            "Service it belongs to. A user name means nothing without it",
            "Service concerné. Sans lui, un nom d'utilisateur ne dit rien",
        ),
        must_if(
            when("type", "IP"),
            "at",
            LOCAL_MOMENT,
            "Moment of use, with time zone",
            "Moment d'utilisation, avec fuseau",
        ),
        may(
            "source_port",
            Whole(0, 65_535),
            "Source port. Many users may share an address; the port tells them apart",
            "Port source. Plusieurs usagers partagent une adresse ; le "
            "port les distingue",
        ),
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
        may(
            "final_on",
            DATE,
            "Final since. Needed before a confiscation can be executed",
            "Définitif depuis. Nécessaire avant l'exécution d'une confiscation",
        ),
    ),
)

ASSET = Block(
    "Asset",
    (
        must("asset_id", REFERENCE, "Short id used in this form", "Repère"),
        must("kind", REFERENCE, "Kind of asset", "Nature du bien"),
        may("description", MTEXT, "Description", "Description"),
        must(
            "location",
            TEXT,
            "Where it is. Bank and branch, town, or land register",
            "Localisation. Banque et agence, ville, ou registre foncier",
        ),
        may(
            "identifier",
            TEXT,
            "Account, plate, land number or wallet",
            "Compte, plaque, parcelle ou portefeuille",
        ),
        may(
            "est_value",
            DECIMAL,
            "Estimated value. With its currency",
            "Valeur estimée. Avec sa devise",
        ),
        may("currency", CURRENCY, "Currency", "Devise"),
        may(
            "owner_ids",
            REFERENCES,
            "Owners, by person id. Also those on paper only",
            "Propriétaires. Y compris les prête-noms",
        ),
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
        must(
            "measure_id",
            REFERENCE,
            "Short id used in this case. Such as M1; it stays the same in every answer",
            "Repère. Comme M1 ; il reste le même dans chaque réponse",
        ),
        must("assist", Code("ASSIST"), "Kind of assistance", "Type d'entraide"),
        must("description", MTEXT, "What is asked", "Mesure demandée"),
        may(
            "person_ids",
            REFERENCES,
            "Persons concerned. By their short ids in this form",
            "Personnes concernées. Par leurs repères dans ce formulaire",
        ),
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
            "Categories of data. Ask for no more than the facts call for",
            "Catégories de données. Ne demander que ce que les faits justifient",
        ),
        may(
            "special_procedure",
            MTEXT,
            "Procedure to follow. What your law needs so that the evidence can be used",
            "Formalités à respecter. Ce que votre droit exige pour que "
            "la preuve soit recevable",
        ),
        may(
            "officials_present",
            TEXTS,
            "Officials to be present. Name and post; the other side must agree",
            "Agents présents. Nom et fonction ; l'autre partie doit y consentir",
        ),
        may("asset", ASSET, "Asset concerned", "Bien concerné"),
        may("order", ORDER, "Order to be executed", "Décision à exécuter"),
    ),
)
