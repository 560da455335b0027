"""The conversation between the two sides while a request is open.

After UN Convention against Transnational Organized Crime, article 18(24) to (28);
Budapest Convention, articles 27 and 28; Directive 2014/41/EU, articles 6, 9 and 10.
"""

from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    FreeMap,
    ListOf,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT, REFERENCES
from gateway.mla.reply_rules import MEASURES_OR_ALL, SOMETHING_CHANGES, TOLD_ONCE
from gateway.mla.spellings import DATE, MOMENT, REFERENCE
from gateway.mla.types.model import ANY_ROLE, REQUESTING, MessageType

AMD = MessageType(
    name="AMD",
    title_en="Supplement or correction",
    title_fr="Complément ou rectification",
    senders=REQUESTING,
    needs_reply_to=True,
    needs_approval=True,
    rules=(SOMETHING_CHANGES, *EVIDENCE),
    payload=Block(
        "Supplement or correction",
        (
            must(
                "changed",
                FreeMap(),
                "Changed fields, under their names in the request",
                "Champs modifiés, sous leur nom dans la demande",
            ),
            must(
                "reason",
                MTEXT,
                "Why they change. What was wrong or missing before",
                "Motif de la modification. Ce qui était faux ou manquait",
            ),
            may("measure_ids", REFERENCES, "Measures concerned", "Mesures concernées"),
            may(
                "translations_supplied",
                ListOf(REFERENCE),
                "Messages whose owed translation comes with this one",
                "Messages dont la traduction due est jointe",
            ),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

CNS_REQ = MessageType(
    name="CNS_REQ",
    title_en="Consultation",
    title_fr="Consultation",
    senders=ANY_ROLE,
    needs_reply_to=True,
    payload=Block(
        "Consultation",
        (
            must("topic", Code("CONSULT"), "What it is about", "Objet"),
            may("measure_ids", REFERENCES, "Measures concerned", "Mesures concernées"),
            must("text", MTEXT, "The question", "La question"),
            may(
                "proposal",
                MTEXT,
                "What is proposed. Something the other side can simply agree to",
                "La proposition. De sorte que l'autre partie puisse "
                "simplement accepter",
            ),
            must("reply_by", DATE, "Reply by", "Réponse avant le"),
        ),
    ),
)

CNS_RSP = MessageType(
    name="CNS_RSP",
    title_en="Consultation reply",
    title_fr="Réponse à la consultation",
    senders=ANY_ROLE,
    needs_reply_to=True,
    answers=frozenset({"CNS_REQ"}),
    payload=Block(
        "Consultation reply",
        (
            must(
                "position",
                Choice(("AGREE", "DISAGREE", "COUNTER")),
                "The position taken",
                "La position prise",
            ),
            must("text", MTEXT, "Its reasons", "Sa motivation"),
            must_if(
                when("position", "COUNTER"),
                "proposal",
                MTEXT,
                "What is proposed instead",
                "La contre-proposition",
            ),
        ),
    ),
)

CONDITION_ANSWER = Block(
    "Answer to a condition",
    (
        must("id", REFERENCE, "Condition, by short id", "Condition, par repère"),
        must(
            "answer",
            Choice(("ACCEPT", "REJECT", "COUNTER")),
            "The answer. Acceptance binds",
            "La réponse. L'acceptation engage",
        ),
        must_if(
            when("answer", "COUNTER"),
            "proposal",
            MTEXT,
            "What is proposed instead",
            "La contre-proposition",
        ),
    ),
)

CND_RSP = MessageType(
    name="CND_RSP",
    title_en="Reply to conditions",
    title_fr="Réponse aux conditions",
    senders=REQUESTING,
    needs_reply_to=True,
    needs_approval=True,
    answers=frozenset({"DEC"}),
    rules=(TOLD_ONCE, *EVIDENCE),
    payload=Block(
        "Reply to conditions",
        (
            must(
                "answers",
                ListOf(CONDITION_ANSWER, least=1),
                "Answer to each condition",
                "Réponse à chaque condition",
            ),
            may(
                "undertaking",
                MTEXT,
                "The undertaking. In the words that bind your State",
                "L'engagement. Dans les termes qui engagent votre État",
            ),
            may("manifest", MANIFEST, "Letters of assurance", "Lettres de garantie"),
        ),
    ),
)

STS_REQ = MessageType(
    name="STS_REQ",
    title_en="Progress question",
    title_fr="Demande d'information sur l'avancement",
    senders=REQUESTING,
    needs_reply_to=True,
    payload=Block(
        "Progress question",
        (
            may(
                "measure_ids",
                REFERENCES,
                "Measures asked about. None means all",
                "Mesures concernées. Aucune : toutes",
            ),
            must("question", MTEXT, "The question", "La question"),
        ),
    ),
)

DLX_REQ = MessageType(
    name="DLX_REQ",
    title_en="Deadline change request",
    title_fr="Demande de modification de délai",
    senders=ANY_ROLE,
    needs_reply_to=True,
    payload=Block(
        "Deadline change request",
        (
            must("rule", Code("DEADLINE"), "Which deadline", "Quel délai"),
            may("measure_ids", REFERENCES, "Measures concerned", "Mesures concernées"),
            may(
                "old",
                MOMENT,
                "Ends at present. As both sides have it now",
                "Échéance actuelle. Tel que les deux parties l'ont aujourd'hui",
            ),
            must("new", MOMENT, "Asked to end", "Échéance demandée"),
            must("reason", MTEXT, "Why", "Motif"),
        ),
    ),
)

DLX_RSP = MessageType(
    name="DLX_RSP",
    title_en="Deadline change reply",
    title_fr="Réponse sur le délai",
    senders=ANY_ROLE,
    needs_reply_to=True,
    answers=frozenset({"DLX_REQ"}),
    payload=Block(
        "Deadline change reply",
        (
            must(
                "answer",
                Choice(("GRANTED", "DENIED", "NOTED")),
                "The answer",
                "La réponse",
            ),
            must("rule", Code("DEADLINE"), "Which deadline", "Quel délai"),
            must_if(
                when("answer", "GRANTED"),
                "new",
                MOMENT,
                "Ends now",
                "Nouvelle échéance",
            ),
            may("reason", MTEXT, "Why", "Motif"),
        ),
    ),
)

WDR = MessageType(
    name="WDR",
    title_en="Withdrawal or narrowing",
    title_fr="Retrait ou réduction",
    senders=REQUESTING,
    needs_reply_to=True,
    needs_approval=True,
    rules=(MEASURES_OR_ALL,),
    payload=Block(
        "Withdrawal or narrowing",
        (
            must("reason", Code("WITHDRAW"), "Why", "Motif"),
            must(
                "scope",
                Choice(("ALL", "SOME")),
                "The whole request, or some measures",
                "Toute la demande, ou certaines mesures",
            ),
            may(
                "measure_ids",
                REFERENCES,
                "Measures withdrawn, where not all are",
                "Mesures retirées, si ce n'est pas toutes",
            ),
            must(
                "data_action",
                Choice(("KEEP", "RESTRICT", "DELETE", "RETURN")),
                "What happens to data already received. They are restricted at once "
                "unless they may be kept",
                "Sort des données déjà reçues. Elles sont aussitôt limitées, sauf si "
                "elles peuvent être gardées",
            ),
            may("text", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)
