"""Criminal records: requests, answers, and notifications of convictions.

After Framework Decision 2009/315/JHA, articles 4 to 11, as amended by Directive (EU)
2019/884. One request is about one person, for one purpose.
"""

from gateway.mla.asset_rules import AMOUNTS_HAVE_CURRENCY
from gateway.mla.convictions import CONVICTION
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
    may,
    must,
    must_if,
    when,
    when_other,
)
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT, PERSON, YES_NO_UNKNOWN
from gateway.mla.spellings import (
    COUNTRY,
    DATE,
    FLAG,
    ID,
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
                "Court or office it is for. Who will use the answer",
                "Juridiction ou service demandeur. Qui utilisera la réponse",
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
            may(
                "accusation",
                MTEXT,
                "The accusation. A few words; the register needs no file",
                "Les faits reprochés. Quelques mots ; le registre n'a pas "
                "besoin du dossier",
            ),
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
                "Conviction that it changes, by its id. Where an earlier "
                "notification is replaced",
                "Condamnation modifiée, par son repère. Si une notification "
                "antérieure est remplacée",
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
                "Whether nothing is recorded. True only with an empty list "
                "of convictions",
                "Si rien n'est inscrit. true seulement si la liste des "
                "condamnations est vide",
            ),
            may("convictions", ListOf(CONVICTION), "Convictions", "Condamnations"),
            may(
                "other_states",
                ListOf(COUNTRY),
                "Other States that may know more. Such as another State of nationality",
                "Autres États susceptibles d'en savoir plus. Comme un autre "
                "État de nationalité",
            ),
            may(
                "use_note",
                MTEXT,
                "Limits of use. Such as only for the case that was named",
                "Limites d'utilisation. Par exemple seulement pour l'affaire indiquée",
            ),
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
            must(
                "answer_by",
                DATE,
                "The answer comes by. A day that will be kept",
                "Réponse avant le. Un jour qui sera tenu",
            ),
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
                "What is needed. Only what tells apart the persons who were found",
                "Données nécessaires. Seulement ce qui distingue les "
                "personnes trouvées",
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
        may(
            "Fingerprints",
            TEXT,
            "Fingerprints, by item. Attach them and give the item id here",
            "Empreintes, par pièce. Les joindre et donner ici "
            "l'identifiant de la pièce",
        ),
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
                "What cannot be supplied. So that the other side answers without it",
                "Données indisponibles. Pour que l'autre partie réponde sans cela",
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
            must(
                "stored",
                FLAG,
                "Whether it was stored. False needs a reason",
                "Si elle est enregistrée. false exige un motif",
            ),
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
