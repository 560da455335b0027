"""What each kind of assistance needs said about it, beyond the measure itself.

Column "block" of code list ASSIST names a demand; `DEMANDS` says what meets it: a
block of the payload, or any of some fields of the measure.
"""

from dataclasses import dataclass

from gateway.mla.blocks import ASSET, ORDER, PERIOD
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Field,
    ListOf,
    may,
    must,
    must_if,
    when,
    when_other,
)
from gateway.mla.parties import MTEXT, REFERENCES, TEXTS, YES_NO_UNKNOWN
from gateway.mla.spellings import (
    DATE,
    FLAG,
    LANGUAGE,
    LOCAL_MOMENT,
    REFERENCE,
    TEXT,
    TIME_ZONE,
)

SLOT = Block(
    "Time slot",
    (
        must("start", LOCAL_MOMENT, "Start", "Début"),
        must("end", LOCAL_MOMENT, "End", "Fin"),
        must("tz", TIME_ZONE, "Time zone", "Fuseau horaire"),
    ),
)

INTERPRETER = Block(
    "Interpreter",
    (
        must("from", LANGUAGE, "From", "De"),
        must("to", LANGUAGE, "Into", "Vers"),
        may(
            "provided_by",
            Code("NODE_ROLE", only=("REQ", "RQD")),
            "Provided by",
            "Fourni par",
        ),
    ),
)

VIDEO_LINK = Block(
    "Video link",
    (
        may("protocol", TEXT, "Protocol", "Protocole"),
        may("encryption", TEXT, "Encryption", "Chiffrement"),
        may("test_wanted", FLAG, "Whether to test first", "Essai souhaité"),
    ),
)

_BY_LINK = when("mode", "VIDEO", "AUDIO")

HEARING = Block(
    "Hearing",
    (
        must(
            "mode",
            Code("HEARING_MODE", only=("IN_PERSON", "VIDEO", "AUDIO", "WRITTEN")),
            "How the person is heard. A link by video or telephone needs "
            "a reason and two times",
            "Mode d'audition. La visioconférence ou le téléphone exigent "
            "un motif et deux créneaux",
        ),
        must(
            "capacity",
            Code("HEARING_MODE", never=("IN_PERSON", "VIDEO", "AUDIO", "WRITTEN")),
            "In what capacity. It decides which rights the person is told of",
            "En quelle qualité. Elle détermine les droits à notifier",
        ),
        must("hearing_authority", TEXT, "Who hears", "Autorité d'audition"),
        must_if(
            _BY_LINK,
            "why_not_in_person",
            MTEXT,
            "Why presence does not suit",
            "Motifs de l'audition à distance",
        ),
        must(
            "topics",
            MTEXT,
            "Questions or topics. Write them so that another authority could ask them",
            "Questions ou thèmes. Les rédiger pour qu'une autre autorité "
            "puisse les poser",
        ),
        must_if(
            _BY_LINK,
            "slots",
            ListOf(SLOT, least=2, most=20),
            "Two or more times proposed",
            "Deux créneaux ou plus",
        ),
        may("interpreter", INTERPRETER, "Interpreter", "Interprète"),
        may("oath", TEXT, "Oath or affirmation", "Serment ou affirmation"),
        may("consent_needed", FLAG, "Whether consent is needed", "Accord requis"),
        may(
            "consent",
            YES_NO_UNKNOWN,
            "Whether the person consents. Needed for an accused person heard by video",
            "Accord donné. Nécessaire pour un prévenu entendu par visioconférence",
        ),
        may("technical", VIDEO_LINK, "Technical profile", "Profil technique"),
        may(
            "protection",
            TEXTS,
            "Protection measures. Such as a support person, or a hidden face",
            "Mesures de protection. Comme une personne de soutien ou un visage masqué",
        ),
        may("counsel", TEXT, "Counsel", "Avocat"),
        may("recording", FLAG, "Whether to record", "Enregistrement souhaité"),
        may("exhibits", REFERENCES, "Exhibits to show", "Pièces à présenter"),
    ),
)

SERVICE = Block(
    "Service",
    (
        must("addressee", REFERENCE, "Addressee, by person id", "Destinataire"),
        may("address", TEXT, "Address", "Adresse"),
        must(
            "documents",
            ListOf(REFERENCE, least=1),
            "Documents. By file name or reference; attach them as items",
            "Actes. Par nom de fichier ou référence ; les joindre comme pièces",
        ),
        must(
            "mode",
            TEXT,
            "How to serve. In person, by post, or in a form of your law",
            "Mode de notification. En main propre, par la poste ou selon "
            "une forme de votre droit",
        ),
        must("serve_before", DATE, "Serve before", "À notifier avant le"),
        may("hearing_at", LOCAL_MOMENT, "Date of hearing", "Date d'audience"),
        may("languages", ListOf(LANGUAGE), "Languages", "Langues"),
        may("safe_conduct", MTEXT, "Safe-conduct", "Sauf-conduit"),
    ),
)

FINANCIAL = Block(
    "Financial",
    (
        must(
            "banks_why",
            MTEXT,
            "Why banks there hold the accounts. A guess is not enough; "
            "say what points there",
            "Pourquoi ces banques. Une supposition ne suffit pas ; dire "
            "ce qui l'indique",
        ),
        must("account_known", FLAG, "Whether an account is known", "Compte connu"),
        must("direction", Choice(("IN", "OUT", "BOTH")), "Operations", "Opérations"),
    ),
)

TRANSFER = Block(
    "Transfer",
    (
        must("person_id", REFERENCE, "Person", "Personne"),
        may(
            "direction",
            Choice(("TO_REQUESTING", "TO_REQUESTED")),
            "Where the person is brought to",
            "Sens du transfèrement",
        ),
        must("reason", MTEXT, "Reason", "Motif"),
        must("present_from", DATE, "Present from", "Présence à partir du"),
        must("present_to", DATE, "Present until", "Présence jusqu'au"),
        must(
            "latest_return",
            DATE,
            "Latest return. The person must be back by that day whatever happens",
            "Retour au plus tard. La personne doit être de retour ce "
            "jour quoi qu'il arrive",
        ),
        must("consent", YES_NO_UNKNOWN, "Consent", "Accord"),
        must(
            "custody",
            MTEXT,
            "Custody undertaking. Say that the person stays in custody "
            "and that the time counts",
            "Engagement de garde. Dire que la personne reste détenue et "
            "que le temps compte",
        ),
        must("safe_conduct", MTEXT, "Safe-conduct", "Sauf-conduit"),
        may("transport", MTEXT, "Transport", "Transport"),
        may("medical", MTEXT, "Medical needs", "Besoins médicaux"),
    ),
)

APPEARANCE = Block(
    "Appearance",
    (
        must("person_id", REFERENCE, "Person", "Personne"),
        must("place", TEXT, "Where", "Lieu"),
        must("at", LOCAL_MOMENT, "When", "Moment"),
        may("expenses", TEXT, "Expenses", "Frais"),
        may("safe_conduct", MTEXT, "Safe-conduct", "Sauf-conduit"),
    ),
)

DOCUMENTS = Block(
    "Documents",
    (
        must("description", MTEXT, "Which records", "Quels documents"),
        may("holder", TEXT, "Who holds them", "Détenteur"),
        must(
            "form",
            Choice(("ORIGINAL", "CERTIFIED_COPY", "COPY")),
            "In what form",
            "Sous quelle forme",
        ),
    ),
)

CRIMINAL_RECORD = Block(
    "Criminal record",
    (
        must("cr_purpose", Code("CR_PURPOSE"), "Purpose", "Finalité"),
        must_if(
            when_other("cr_purpose", "CRIM"),
            "consent",
            YES_NO_UNKNOWN,
            "Consent of the person",
            "Accord de la personne",
        ),
    ),
)

PROVISIONAL = Block(
    "Provisional measure",
    (
        must(
            "danger",
            MTEXT,
            "What endangers the evidence. Such as records about to be deleted",
            "Danger. Comme des données sur le point d'être effacées",
        ),
        may("until", DATE, "Keep until", "Maintenir jusqu'au"),
        may("transfer", FLAG, "Whether to hand over", "Remise demandée"),
    ),
)

SPECIAL = Block(
    "Special technique",
    (
        must(
            "plan",
            MTEXT,
            "What is planned. Who does what, where, and under whose direction",
            "Opération prévue. Qui fait quoi, où et sous la direction de qui",
        ),
        must("period", PERIOD, "Period", "Période"),
        may("officers", TEXTS, "Officers taking part", "Agents participants"),
        may("conditions", MTEXT, "Conditions", "Conditions"),
    ),
)

ARREST = Block(
    "Arrest",
    (
        must("warrant", ORDER, "Warrant or judgment", "Mandat ou jugement"),
        must(
            "extradition_will_follow",
            FLAG,
            "Whether extradition will be asked",
            "Si l'extradition sera demandée",
        ),
        must("description", MTEXT, "Description of the person", "Signalement"),
        may("location", TEXT, "Where the person is", "Localisation"),
    ),
)


@dataclass(frozen=True, slots=True)
class Demand:
    """What meets the demand for a block.

    Attributes:
        payload: Field of the payload that meets it, if any.
        measure: Fields of the measure, any of which meets it.
    """

    payload: Field | None
    measure: tuple[str, ...] = ()


DEMANDS = {
    "hearing": Demand(may("hearing", HEARING, "The hearing", "L'audition")),
    "service": Demand(may("service", SERVICE, "The service", "La notification")),
    "financial": Demand(may("financial", FINANCIAL, "Accounts", "Les comptes")),
    "transfer": Demand(may("transfer", TRANSFER, "The transfer", "Le transfèrement")),
    "appearance": Demand(
        may("appearance", APPEARANCE, "The appearance", "La comparution")
    ),
    "documents": Demand(may("documents", DOCUMENTS, "The documents", "Les documents")),
    "criminal_record": Demand(
        may("criminal_record", CRIMINAL_RECORD, "The records", "Les antécédents")
    ),
    "provisional": Demand(
        may("provisional", PROVISIONAL, "What to secure", "À conserver")
    ),
    "special": Demand(may("special", SPECIAL, "The technique", "La technique")),
    "arrest": Demand(may("arrest", ARREST, "The arrest", "L'arrestation")),
    "asset": Demand(
        may("assets", ListOf(ASSET), "The assets", "Les biens"), measure=("asset",)
    ),
    "electronic": Demand(None, measure=("data_cats", "identifiers")),
    "place": Demand(None, measure=("place",)),
    "person": Demand(None, measure=("person_ids",)),
    "biometric": Demand(None, measure=("person_ids",)),
}

DEMANDED_FIELDS = tuple(
    demand.payload for demand in DEMANDS.values() if demand.payload is not None
)
"""The payload fields that requests declare so that demands can be met."""
