"""Criminal records: requests, answers, and notifications of convictions.

After Framework Decision 2009/315/JHA, articles 4 to 11, as amended by Directive (EU)
2019/884. One request is about one person, for one purpose.
"""

from gateway.mla.asset_rules import AMOUNTS_HAVE_CURRENCY
from gateway.mla.criminal_record_rules import (
    CONSENT_GIVEN,
    CONVICTION_IDS_ARE_UNIQUE,
    CONVICTION_IDS_RESOLVE,
    REASON_WHY_NOT_STORED,
    RECORDS_TOLD,
    SOMETHING_SUPPLIED,
    UNIQUE_PERSON,
)
from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import (
    Block,
    Code,
    ListOf,
    Whole,
    may,
    must,
    must_if,
    when,
    when_other,
)
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT, PERSON, TEXTS, YES_NO_UNKNOWN
from gateway.mla.spellings import (
    COUNTRY,
    CURRENCY,
    DATE,
    DECIMAL,
    DURATION,
    FLAG,
    ID,
    PARTIAL_DATE,
    REFERENCE,
    TEXT,
)
from gateway.mla.types.model import ANY_ROLE, REQUESTED, REQUESTING, MessageType

_CONVICTIONS = (
    CONVICTION_IDS_RESOLVE,
    CONVICTION_IDS_ARE_UNIQUE,
    AMOUNTS_HAVE_CURRENCY,
)

CR_REQ = MessageType(
    name="CR_REQ",
    title_en="Criminal-record request",
    title_fr="Demande de casier judiciaire",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(CONSENT_GIVEN, UNIQUE_PERSON, *EVIDENCE),
    payload=Block(
        "Criminal-record request",
        (
            must(
                "cr_purpose",
                Code("CR_PURPOSE"),
                "What it is for. The answer may be used for nothing else",
                "Finalité. La réponse ne peut servir à rien d'autre",
            ),
            must(
                "requesting_body",
                TEXT,
                "Court or office it is for",
                "Juridiction ou service demandeur",
            ),
            must_if(
                when("cr_purpose", "CRIM"),
                "case_number",
                REFERENCE,
                "National case number. The answer is bound to it",
                "Numéro de dossier national. La réponse y est attachée",
            ),
            must_if(
                when_other("cr_purpose", "CRIM"),
                "consent",
                YES_NO_UNKNOWN,
                "Whether the person consents. For employment and security clearance "
                "the answer must be yes; for work with children it may be unknown",
                "Si la personne consent. Pour un emploi ou une habilitation il faut "
                "oui ; pour un travail avec des enfants cela peut être inconnu",
            ),
            must("urgent", FLAG, "Whether it is urgent", "Si la demande est urgente"),
            must(
                "person",
                PERSON,
                "The person. Names, sex, date and place of birth and nationality tell "
                "people apart",
                "La personne. Noms, sexe, date et lieu de naissance et nationalité la "
                "distinguent",
            ),
            may("accusation", MTEXT, "The accusation", "Les faits reprochés"),
            may(
                "offence_ecris",
                Code("OFF_ECRIS"),
                "Its category in the common table",
                "Sa catégorie dans le tableau commun",
            ),
            may(
                "manifest", MANIFEST, "Fingerprints and others", "Empreintes et autres"
            ),
        ),
    ),
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
        may("occurrences", Whole(1, 100_000), "How often", "Nombre de fois"),
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
            "Exempt from responsibility",
            "Exemption de responsabilité",
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
        may("nature", TEXT, "Principal or additional", "Principale ou complémentaire"),
        may(
            "alternative",
            Code("ECRIS_PARAM", only=("pen:f", "pen:g")),
            "Alternative penalty",
            "Peine alternative",
        ),
        may("multiplier", Whole(1, 1_000), "How often", "Nombre"),
        may("minors_only", YES_NO_UNKNOWN, "Only for minors", "Propre aux mineurs"),
        may("sentenced_period", DURATION, "Period imposed", "Durée prononcée"),
        may("execution_period", DURATION, "Period executed", "Durée exécutée"),
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
        may("final_date", DATE, "Final since", "Définitive depuis"),
        may("authority", TEXT, "Authority", "Autorité"),
        may(
            "delete_from_register",
            YES_NO_UNKNOWN,
            "Whether the conviction is to be deleted",
            "Si la condamnation est à supprimer",
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
        may("final_date", DATE, "Final since", "Définitive depuis"),
        must("authority", TEXT, "Deciding authority", "Autorité de jugement"),
        may(
            "non_criminal_ruling",
            YES_NO_UNKNOWN,
            "Whether the ruling is not criminal",
            "Si la décision n'est pas pénale",
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
        may("relations", ListOf(RELATION), "What belongs to what", "Relations"),
    ),
)

CR_NOT = MessageType(
    name="CR_NOT",
    title_en="Conviction notification",
    title_fr="Notification d'une condamnation",
    senders=REQUESTING,
    opens_case=True,
    needs_sender_ref=True,
    rules=(UNIQUE_PERSON, *_CONVICTIONS, *EVIDENCE),
    payload=Block(
        "Conviction notification",
        (
            must("person", PERSON, "The person convicted", "La personne condamnée"),
            must("conviction", CONVICTION, "The conviction", "La condamnation"),
            may(
                "updates",
                REFERENCE,
                "Conviction that it changes, by its id",
                "Condamnation modifiée, par son repère",
            ),
            may(
                "also_affected",
                ListOf(REFERENCE),
                "Other convictions affected",
                "Autres condamnations touchées",
            ),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

CR_RSP = MessageType(
    name="CR_RSP",
    title_en="Criminal-record response",
    title_fr="Réponse de casier judiciaire",
    senders=REQUESTED,
    needs_reply_to=True,
    answers=frozenset({"CR_REQ", "CR_RAR"}),
    rules=(RECORDS_TOLD, *_CONVICTIONS, *EVIDENCE),
    payload=Block(
        "Criminal-record response",
        (
            must("result", Code("CR_RESPONSE"), "What came of it", "Résultat"),
            must(
                "none_recorded",
                FLAG,
                "Whether nothing is recorded",
                "Si rien n'est inscrit",
            ),
            may("convictions", ListOf(CONVICTION), "Convictions", "Condamnations"),
            may(
                "other_states",
                ListOf(COUNTRY),
                "Other States that may know more",
                "Autres États susceptibles d'en savoir plus",
            ),
            may("use_note", MTEXT, "Limits of use", "Limites d'utilisation"),
            may("items", ListOf(ID), "Evidence items", "Pièces"),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

CR_RDL = MessageType(
    name="CR_RDL",
    title_en="Criminal-record deadline notice",
    title_fr="Avis de délai pour le casier",
    senders=REQUESTED,
    needs_reply_to=True,
    answers=frozenset({"CR_REQ", "CR_RAR"}),
    payload=Block(
        "Criminal-record deadline notice",
        (
            must("answer_by", DATE, "The answer comes by", "Réponse avant le"),
            may("reason", MTEXT, "Why it takes longer", "Motif du retard"),
        ),
    ),
)

CR_RAI = MessageType(
    name="CR_RAI",
    title_en="Criminal-record additional information request",
    title_fr="Demande de précisions pour le casier",
    senders=REQUESTED,
    needs_reply_to=True,
    answers=frozenset({"CR_REQ", "CR_RAR"}),
    payload=Block(
        "Additional information request",
        (
            must(
                "items",
                ListOf(Code("CR_RAI_ITEM"), least=1),
                "What is needed",
                "Données nécessaires",
            ),
            may("reason", MTEXT, "Why", "Motif"),
            may(
                "cr_response_hint",
                Code("CR_RESPONSE"),
                "What the answer would be without it",
                "La réponse à défaut",
            ),
        ),
    ),
)

SUPPLIED = Block(
    "Supplied data",
    (
        may("Forename", TEXT, "Forename", "Prénom"),
        may("Surname", TEXT, "Surname", "Nom"),
        may("SecondSurname", TEXT, "Second surname", "Second nom"),
        may("Sex", Code("SEX"), "Sex", "Sexe"),
        may("BirthDate", TEXT, "Date of birth", "Date de naissance"),
        may("BirthPlace", TEXT, "Place of birth", "Lieu de naissance"),
        may("Nationality", TEXT, "Nationality", "Nationalité"),
        may("FormerName", TEXT, "Former name", "Ancien nom"),
        may("MotherName", TEXT, "Mother's name", "Nom de la mère"),
        may("FatherName", TEXT, "Father's name", "Nom du père"),
        may("IdentityNumber", TEXT, "Identity number", "Numéro d'identité"),
        may("IdentificationDocument", TEXT, "Identity document", "Pièce d'identité"),
        may("Address", TEXT, "Address", "Adresse"),
        may("Alias", TEXT, "Alias", "Alias"),
        may("Fingerprints", TEXT, "Fingerprints, by item", "Empreintes, par pièce"),
        may(
            "MoreInformationOnRequestPurpose",
            TEXT,
            "More about the purpose",
            "Précisions sur la finalité",
        ),
    ),
)

CR_RAR = MessageType(
    name="CR_RAR",
    title_en="Criminal-record additional information reply",
    title_fr="Précisions pour le casier",
    senders=REQUESTING,
    needs_reply_to=True,
    answers=frozenset({"CR_RAI"}),
    rules=(SOMETHING_SUPPLIED, *EVIDENCE),
    payload=Block(
        "Additional information reply",
        (
            must("supplied", SUPPLIED, "The data asked for", "Les données demandées"),
            may(
                "not_available",
                ListOf(Code("CR_RAI_ITEM")),
                "What cannot be supplied",
                "Données indisponibles",
            ),
            may(
                "manifest", MANIFEST, "Fingerprints and others", "Empreintes et autres"
            ),
        ),
    ),
)

CR_NRS = MessageType(
    name="CR_NRS",
    title_en="Notification response",
    title_fr="Réponse à la notification",
    senders=REQUESTED,
    needs_reply_to=True,
    answers=frozenset({"CR_NOT"}),
    rules=(REASON_WHY_NOT_STORED,),
    payload=Block(
        "Notification response",
        (
            must("stored", FLAG, "Whether it was stored", "Si elle est enregistrée"),
            may("code", REFERENCE, "Code of the register", "Code du registre"),
            may(
                "reason", MTEXT, "Why it was not stored", "Motif de non-enregistrement"
            ),
        ),
    ),
)

CR_CAN = MessageType(
    name="CR_CAN",
    title_en="Cancellation",
    title_fr="Annulation",
    senders=ANY_ROLE,
    needs_reply_to=True,
    answers=frozenset({"CR_REQ", "CR_NOT", "CR_RAR", "CR_RAI", "CR_RDL"}),
    payload=Block(
        "Cancellation",
        (
            must("msg_id", ID, "Message cancelled", "Message annulé"),
            must("reason", MTEXT, "Why", "Motif"),
        ),
    ),
)
