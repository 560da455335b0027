"""Preservation of stored data, until a request for them follows.

After the Budapest Convention, articles 29 and 30; Regulation (EU) 2023/1543, articles
5, 6 and 11.
"""

from gateway.mla.blocks import FACTS, IDENTIFIER, OFFENCE, PERIOD
from gateway.mla.circumstances import EMERGENCY, RELATED
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    ListOf,
    Whole,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.parties import MTEXT, PERSON, TEXTS
from gateway.mla.preservation_rules import PRESERVATION, SHORT_EXTENSION
from gateway.mla.reply_rules import REASON_WHY_NOT_KEPT, TOLD_ONCE
from gateway.mla.spellings import COUNTRY, DATE, FLAG, ID, MOMENT, REFERENCE, TEXT
from gateway.mla.types.model import REQUESTED, REQUESTING, MessageType
from gateway.mla.types.request_fields import (
    NECESSITY_FIELD,
    NOTICE_DELAY,
    REQUESTING_AUTHORITY,
    URGENCY_REASON,
    VALIDATING_AUTHORITY,
)

HOLDER = Block(
    "Holder of the data",
    (
        must("name", TEXT, "Name of the service or provider", "Nom du fournisseur"),
        may("country", COUNTRY, "Country", "Pays"),
        may("contact", TEXT, "How to reach it", "Comment le joindre"),
    ),
)

PRS_REQ = MessageType(
    name="PRS_REQ",
    title_en="Preservation request",
    title_fr="Demande de conservation",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=PRESERVATION,
    payload=Block(
        "Preservation request",
        (
            REQUESTING_AUTHORITY,
            VALIDATING_AUTHORITY,
            must(
                "offences",
                ListOf(OFFENCE, least=1),
                "The offences investigated",
                "Les infractions visées",
            ),
            must(
                "facts",
                FACTS,
                "The facts, in short. Say how the data are linked to the offence",
                "Les faits, en bref. Dire en quoi les données s'y rattachent",
            ),
            may("persons", ListOf(PERSON), "Persons, where known", "Les personnes"),
            NECESSITY_FIELD,
            must(
                "identifiers",
                ListOf(IDENTIFIER, least=1),
                "Accounts and addresses whose data are to be kept",
                "Comptes et adresses dont les données sont à conserver",
            ),
            must(
                "data_cats",
                ListOf(Code("DATA_CAT"), least=1),
                "Categories of data to be kept",
                "Catégories de données à conserver",
            ),
            may("period", PERIOD, "Period that the data are of", "Période des données"),
            may(
                "custodian",
                HOLDER,
                "Who holds the data, if known",
                "Détenteur des données, s'il est connu",
            ),
            may(
                "system_location",
                TEXT,
                "Where the system is. Country, town or data centre, if known",
                "Lieu du système. Pays, ville ou centre de données, si connus",
            ),
            must(
                "followup_intended",
                Choice(("MLA", "EIO", "EPOC")),
                "What will follow. Without it the data are let go",
                "La suite prévue. Sans elle les données ne sont plus conservées",
            ),
            must(
                "period_days",
                Whole(1, 365),
                "Days to keep them. At least 60; 90 is usual",
                "Jours de conservation. Au moins 60 ; 90 est courant",
            ),
            may(
                "traffic_disclosure",
                FLAG,
                "Whether traffic data that show other providers are asked (article 30)",
                "Si les données révélant un autre fournisseur sont demandées (art. 30)",
            ),
            URGENCY_REASON,
            must_if(
                when("/urgency", "EMERGENCY"),
                "emergency",
                EMERGENCY,
                "The emergency. What threatens whom, and how the data help to avert it",
                "L'urgence vitale. Ce qui menace qui, et en quoi les données aident à "
                "l'écarter",
            ),
            NOTICE_DELAY,
            may("related", ListOf(RELATED), "Related matters", "Affaires liées"),
        ),
    ),
)

PRESERVED_IDENTIFIER = Block(
    "Preservation of one identifier",
    (
        must("identifier_id", REFERENCE, "Identifier, by short id", "Identifiant"),
        must(
            "result",
            Choice(("PRESERVED", "NOT_HELD", "NOT_POSSIBLE", "REFUSED")),
            "What came of it",
            "Résultat",
        ),
        must_if(
            when("result", "PRESERVED"),
            "preserved_from",
            MOMENT,
            "Kept since",
            "Conservé depuis",
        ),
        must_if(
            when("result", "PRESERVED"),
            "expires_on",
            DATE,
            "Kept until. Ask for more time before that day",
            "Conservé jusqu'au. Demander une prolongation avant ce jour",
        ),
        may("holder", HOLDER, "Who keeps it", "Détenteur"),
        may(
            "other_provider",
            HOLDER,
            "Another provider in the chain (article 30). Ask there too, "
            "as its data run out as well",
            "Autre fournisseur de la chaîne (art. 30). S'y adresser "
            "aussi, car ses données s'effacent également",
        ),
        may("reason", MTEXT, "Why it was not kept", "Motif de non-conservation"),
    ),
)

PRS_RSP = MessageType(
    name="PRS_RSP",
    title_en="Preservation result",
    title_fr="Résultat de la conservation",
    senders=REQUESTED,
    needs_reply_to=True,
    answers=frozenset({"PRS_REQ", "PRS_EXT"}),
    rules=(TOLD_ONCE, REASON_WHY_NOT_KEPT),
    payload=Block(
        "Preservation result",
        (
            must(
                "results",
                ListOf(PRESERVED_IDENTIFIER, least=1),
                "Result for each identifier",
                "Résultat par identifiant",
            ),
            may(
                "warning",
                MTEXT,
                "Whether preservation will not secure the data, or endanger the case "
                "(article 29(6))",
                "Si la conservation ne suffit pas ou compromet l'enquête (art. 29(6))",
            ),
        ),
    ),
)

_IDENTIFIERS = may(
    "identifiers",
    ListOf(REFERENCE),
    "Identifiers concerned, by short id. None means all",
    "Identifiants concernés, par repère. Aucun : tous",
)

PRS_EXT = MessageType(
    name="PRS_EXT",
    title_en="Preservation extension",
    title_fr="Prolongation de la conservation",
    senders=REQUESTING,
    needs_reply_to=True,
    rules=(SHORT_EXTENSION,),
    payload=Block(
        "Preservation extension",
        (
            _IDENTIFIERS,
            must(
                "days",
                Whole(1, 365),
                "Further days. Under Regulation 2023/1543 30, and once",
                "Jours en plus. 30 et une seule fois selon le règlement 2023/1543",
            ),
            must(
                "reason",
                MTEXT,
                "Why more time is needed. And when the request for the data will come",
                "Motif. Et quand viendra la demande des données",
            ),
        ),
    ),
)

PRS_CNF = MessageType(
    name="PRS_CNF",
    title_en="Confirmation that a production request follows",
    title_fr="Confirmation d'une demande de production",
    senders=REQUESTING,
    needs_reply_to=True,
    payload=Block(
        "Confirmation of a production request",
        (
            _IDENTIFIERS,
            must(
                "kind",
                Choice(("MLA", "EIO", "EPOC")),
                "What was issued",
                "Nature de la demande",
            ),
            must(
                "ref",
                REFERENCE,
                "Its reference. So that the holder can match it",
                "Sa référence. Pour que le détenteur puisse la rapprocher",
            ),
            must("issued_on", DATE, "Issued on", "Émise le"),
            may("case_id", ID, "Its case in this system", "Son affaire ici"),
            may("channel", Code("CHANNEL"), "How it travels", "Voie"),
        ),
    ),
)

PRS_END = MessageType(
    name="PRS_END",
    title_en="End of preservation",
    title_fr="Fin de la conservation",
    senders=REQUESTING,
    needs_reply_to=True,
    payload=Block(
        "End of preservation",
        (
            must(
                "identifiers",
                ListOf(REFERENCE, least=1),
                "Identifiers that need no longer be kept",
                "Identifiants à ne plus conserver",
            ),
            must("reason", TEXT, "Why", "Motif"),
            may("remarks", TEXTS, "Remarks", "Remarques"),
        ),
    ),
)
