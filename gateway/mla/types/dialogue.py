"""Messages while a request is being handled: questions, status, closure.

After Directive 2014/41/EU, articles 12 and 16; UN Convention against Transnational
Organized Crime, article 18(16) and (24).
"""

from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    FreeMap,
    ListOf,
    Whole,
    may,
    must,
)
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT, TEXTS
from gateway.mla.reply_rules import ANSWERED_OR_EXCUSED, TOLD_ONCE
from gateway.mla.spellings import DATE, FLAG, REFERENCE, TEXT
from gateway.mla.types.model import ANY_ROLE, REQUESTED, REQUESTING, MessageType

_ITEM_NUMBER = Whole(1, 1_000)

QUESTION = Block(
    "Question",
    (
        must("item", _ITEM_NUMBER, "Number", "Numéro"),
        must("reason", Code("CLARIFY"), "Why it is asked", "Motif"),
        may("measure_id", REFERENCE, "Measure concerned", "Mesure concernée"),
        may(
            "field",
            TEXT,
            "Field concerned. Name or pointer of the field in the request",
            "Champ concerné. Nom ou pointeur du champ dans la demande",
        ),
        must(
            "question",
            MTEXT,
            "The question. One question each; say what an answer must contain",
            "La question. Une seule question ; dire ce que doit contenir la réponse",
        ),
    ),
)

CLR_REQ = MessageType(
    name="CLR_REQ",
    title_en="Clarification request",
    title_fr="Demande d'éclaircissements",
    senders=REQUESTED,
    needs_reply_to=True,
    rules=(TOLD_ONCE,),
    payload=Block(
        "Clarification request",
        (
            must("items", ListOf(QUESTION, least=1), "Questions", "Questions"),
            must("reply_by", DATE, "Reply by", "Réponse avant le"),
            must(
                "clock_effect",
                Choice(("SUSPENDS", "RUNS")),
                "Whether the deadline runs on. SUSPENDS stops it until the "
                "answer is here",
                "Effet sur le délai. SUSPENDS l'arrête jusqu'à la réponse",
            ),
            may("acceptable_wording", MTEXT, "Wording that would do", "Formulation"),
            may("preserved", FLAG, "Whether the data are preserved", "Données gelées"),
        ),
    ),
)

ANSWER = Block(
    "Answer",
    (
        must("item", _ITEM_NUMBER, "Number of the question", "Numéro de la question"),
        may("text", MTEXT, "The answer", "La réponse"),
        may(
            "cannot_answer",
            MTEXT,
            "Why it cannot be answered. Then the other side may decide on what it has",
            "Motif d'absence. L'autre partie peut alors décider sur ce qu'elle a",
        ),
    ),
)

CLR_RSP = MessageType(
    name="CLR_RSP",
    title_en="Clarification reply",
    title_fr="Réponse aux éclaircissements",
    senders=REQUESTING,
    answers=frozenset({"CLR_REQ"}),
    needs_reply_to=True,
    rules=(ANSWERED_OR_EXCUSED, TOLD_ONCE, *EVIDENCE),
    payload=Block(
        "Clarification reply",
        (
            must("answers", ListOf(ANSWER, least=1), "Answers", "Réponses"),
            may("corrected", FreeMap(), "Corrected fields", "Champs corrigés"),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

MEASURE_STATUS = Block(
    "Status of a measure",
    (
        must("measure_id", REFERENCE, "Measure", "Mesure"),
        must("status", Code("RESULT"), "Status", "État"),
        may(
            "delay_reason",
            MTEXT,
            "Why it takes longer. Needed where a time limit of the "
            "instrument is missed",
            "Motif du retard. Nécessaire si un délai de l'instrument est dépassé",
        ),
    ),
)

STS = MessageType(
    name="STS",
    title_en="Status report",
    title_fr="Rapport d'étape",
    senders=REQUESTED,
    needs_reply_to=True,
    rules=(TOLD_ONCE,),
    payload=Block(
        "Status report",
        (
            must("measures", ListOf(MEASURE_STATUS, least=1), "Measures", "Mesures"),
            must(
                "next_step",
                MTEXT,
                "Next step. What will happen, by whom, and by when",
                "Prochaine étape. Ce qui va suivre, par qui et quand",
            ),
            may("new_estimate", DATE, "New estimate", "Nouvelle estimation"),
            may("remedy_used", MTEXT, "Remedy sought", "Recours exercé"),
            may("suggested", MTEXT, "Further measures suggested", "Mesures suggérées"),
        ),
    ),
)

MEASURE_OUTCOME = Block(
    "Outcome of a measure",
    (
        must("measure_id", REFERENCE, "Measure", "Mesure"),
        must("result", Code("RESULT", never=("PENDING",)), "Outcome", "Issue"),
    ),
)

CLS = MessageType(
    name="CLS",
    title_en="Closure",
    title_fr="Clôture",
    senders=ANY_ROLE,
    rules=(TOLD_ONCE,),
    payload=Block(
        "Closure",
        (
            must("outcomes", ListOf(MEASURE_OUTCOME), "Outcomes", "Issues"),
            must(
                "open_duties",
                TEXTS,
                "Duties still open. Such as to return originals, or to report on use",
                "Obligations restantes. Comme rendre des originaux ou rendre "
                "compte de l'usage",
            ),
        ),
    ),
)
