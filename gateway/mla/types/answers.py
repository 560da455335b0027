"""Messages that answer a request: decision, response, evidence and its receipt.

After UN Convention against Transnational Organized Crime, article 18(21) to (26);
Directive 2014/41/EU, articles 10 to 16.
"""

from gateway.mla.asset_rules import AMOUNTS_HAVE_CURRENCY
from gateway.mla.circumstances import COSTS
from gateway.mla.evidence_rules import EVIDENCE, ITEMS_COME_WITH_RESULTS
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    ListOf,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT, TEXTS
from gateway.mla.reply_rules import (
    ACCEPTED_HOLDS,
    CONDITIONS_LISTED,
    FINAL_IS_FINAL,
    NO_FISCAL_REFUSAL,
    POSTPONED_UNTIL,
    TOLD_ONCE,
)
from gateway.mla.spellings import DATE, FLAG, ID, MOMENT, REFERENCE, TEXT
from gateway.mla.types.model import ANY_ROLE, REQUESTED, MessageType

_REFUSED = when("outcome", "REFUSE", "REFUSE_PART")
_POSTPONED = when("outcome", "POSTPONE")

MEASURE_DECISION = Block(
    "Decision on a measure",
    (
        must("measure_id", REFERENCE, "Measure", "Mesure"),
        must("outcome", Code("DECISION"), "Decision", "Décision"),
        must_if(
            _REFUSED,
            "refusal",
            # R21, bank secrecy, is listed so that it can be turned away by name.
            ListOf(Code("REFUSAL", never=("R21",)), least=1),
            "Grounds of refusal. Bank secrecy is none",
            "Motifs de refus. Le secret bancaire n'en est pas un",
        ),
        must_if(
            _REFUSED,
            "article",
            TEXT,
            "Article relied on. Such as UNTOC 18(21)(b)",
            "Article invoqué. Comme UNTOC 18(21)(b)",
        ),
        must_if(
            when("outcome", "REFUSE", "REFUSE_PART", "POSTPONE"),
            "reason",
            MTEXT,
            "Reasons. In terms of this case, so that the other side can meet them",
            "Motivation. Propres à l'affaire, pour que l'autre partie "
            "puisse y répondre",
        ),
        must_if(
            _POSTPONED,
            "postpone",
            Code("POSTPONE"),
            "Ground of postponement",
            "Motif de report",
        ),
        may("until", DATE, "Postponed until", "Reporté au"),
        may("review_on", DATE, "Reviewed on", "Réexamen le"),
        must_if(
            when("outcome", "ACCEPT_ALT"),
            "alternative",
            MTEXT,
            "Measure taken instead. One that has the same result with less intrusion",
            "Mesure de substitution. Celle qui obtient le même résultat "
            "en étant moins intrusive",
        ),
    ),
)

CONDITION = Block(
    "Condition",
    (
        must("id", REFERENCE, "Short id", "Repère"),
        must("code", Code("CONDITION"), "Condition", "Condition"),
        must_if(
            when("code", "C99"),
            "text",
            MTEXT,
            "Its wording. Needed where the code says no more than that there is one",
            "Sa formulation. Nécessaire si le code dit seulement qu'il y en a une",
        ),
    ),
)

DEC = MessageType(
    name="DEC",
    title_en="Decision",
    title_fr="Décision",
    senders=REQUESTED,
    needs_reply_to=True,
    needs_approval=True,
    rules=(
        NO_FISCAL_REFUSAL,
        POSTPONED_UNTIL,
        CONDITIONS_LISTED,
        TOLD_ONCE,
        *EVIDENCE,
    ),
    payload=Block(
        "Decision",
        (
            must(
                "decisions",
                ListOf(MEASURE_DECISION, least=1),
                "Decision on each measure",
                "Décision par mesure",
            ),
            may("conditions", ListOf(CONDITION), "Conditions", "Conditions"),
            may(
                "executing_authority",
                TEXT,
                "Who executes. Court or office that the other side may ask "
                "about progress",
                "Autorité d'exécution. Juridiction ou service que l'autre "
                "partie peut interroger",
            ),
            may("planned_on", DATE, "Planned on", "Prévu le"),
            may("remedies_open", MTEXT, "Remedies open", "Recours ouverts"),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

HEARING_RECORD = Block(
    "Hearing record",
    (
        must("date", DATE, "Date", "Date"),
        may("place", TEXT, "Where", "Lieu"),
        must("identity_check", TEXT, "Identity checked by", "Contrôle d'identité"),
        may("oath", TEXT, "Oath or affirmation", "Serment ou affirmation"),
        must("present", TEXTS, "Who was present", "Présents"),
        may(
            "recorded_by",
            Code("NODE_ROLE", only=("REQ", "RQD")),
            "Recorded by",
            "Enregistré par",
        ),
    ),
)

MEASURE_RESULT = Block(
    "Result of a measure",
    (
        must("measure_id", REFERENCE, "Measure", "Mesure"),
        must("result", Code("RESULT"), "Result", "Résultat"),
        may("done", MTEXT, "What was done", "Actes accomplis"),
        may("done_by", TEXT, "By whom", "Par qui"),
        may("done_on", DATE, "When", "Date"),
        may("items", ListOf(ID), "Evidence items", "Pièces"),
        may("hearing_record", HEARING_RECORD, "The hearing", "L'audition"),
    ),
)

RSP = MessageType(
    name="RSP",
    title_en="Response",
    title_fr="Réponse",
    senders=REQUESTED,
    needs_reply_to=True,
    needs_approval=True,
    rules=(
        FINAL_IS_FINAL,
        TOLD_ONCE,
        AMOUNTS_HAVE_CURRENCY,
        *EVIDENCE,
        ITEMS_COME_WITH_RESULTS,
    ),
    payload=Block(
        "Response",
        (
            must(
                "final",
                FLAG,
                "Whether it is the last. False while any measure is still "
                "being carried out",
                "Si elle est définitive. false tant qu'une mesure est en cours",
            ),
            must(
                "results",
                ListOf(MEASURE_RESULT, least=1),
                "Result of each measure",
                "Résultat par mesure",
            ),
            may(
                "procedure_followed",
                MTEXT,
                "Procedure followed. Say whether the formalities asked for were kept",
                "Formalités suivies. Dire si les formalités demandées ont "
                "été respectées",
            ),
            may("conditions", ListOf(CONDITION), "Conditions of use", "Conditions"),
            may("return_wish", MTEXT, "What to return", "Restitution souhaitée"),
            may("costs", COSTS, "Costs", "Frais"),
            may("translation_notes", MTEXT, "Translation", "Traduction"),
            may("further_leads", MTEXT, "Further leads", "Autres pistes"),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

EVD = MessageType(
    name="EVD",
    title_en="Evidence transmission",
    title_fr="Transmission de preuves",
    senders=ANY_ROLE,
    rules=EVIDENCE,
    payload=Block(
        "Evidence transmission",
        (
            must("manifest", MANIFEST, "The items", "Les pièces"),
            must("channel", Code("CHANNEL"), "How they travel", "Voie"),
            may("parcel", REFERENCE, "Parcel, as 1/3", "Colis, comme 1/3"),
            may("available_until", MOMENT, "Available until", "Disponible jusqu'au"),
        ),
    ),
)

ITEM_CHECK = Block(
    "Check of an item",
    (
        must("item_id", ID, "Item", "Pièce"),
        must(
            "digest_ok",
            FLAG,
            "Digest holds. The file has the digest that its sender announced",
            "Empreinte correcte. Le fichier a l'empreinte annoncée",
        ),
        must("signature_ok", FLAG, "Origin holds", "Origine vérifiée"),
        must("decrypts", FLAG, "Could be decrypted", "Déchiffrable"),
        must("result", Choice(("ACCEPTED", "REJECTED")), "Result", "Résultat"),
        must_if(
            when("result", "REJECTED"),
            "reason",
            MTEXT,
            "Why it is rejected",
            "Motif de rejet",
        ),
        must("received_at", MOMENT, "Received at", "Reçue le"),
    ),
)

EVD_ACK = MessageType(
    name="EVD_ACK",
    title_en="Evidence receipt",
    title_fr="Accusé de réception des preuves",
    senders=ANY_ROLE,
    needs_reply_to=True,
    rules=(ACCEPTED_HOLDS,),
    payload=Block(
        "Evidence receipt",
        (
            must("items", ListOf(ITEM_CHECK, least=1), "Each item", "Chaque pièce"),
            may(
                "resend",
                ListOf(ID),
                "Items to send again. By their item ids",
                "Pièces à renvoyer. Par leurs identifiants",
            ),
        ),
    ),
)
