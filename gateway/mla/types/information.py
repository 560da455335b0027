"""Information given without being asked, and notices of interception.

After UN Convention against Transnational Organized Crime, article 18(4) and (5);
Budapest Convention, article 26; second protocol of 2001, article 11; Directive
2014/41/EU, article 31 and annex C.
"""

from gateway.mla.blocks import IDENTIFIER, OFFENCE, PERIOD
from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import Block, Choice, Code, ListOf, may, must, must_if, when
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import AUTHORITY, MTEXT, PERSON
from gateway.mla.reply_rules import TOLD_ONCE
from gateway.mla.request_rules import (
    FACT_OR_ASSESSMENT,
    IDS_ARE_UNIQUE,
    PERSONS_ARE_NAMED,
    REFERENCES_RESOLVE,
)
from gateway.mla.spellings import DATE, REFERENCE
from gateway.mla.types.answers import CONDITION
from gateway.mla.types.model import INFORMING, REQUESTED, REQUESTING, MessageType

_GRADES = ("A", "B", "C", "X")
_CERTAINTIES = ("1", "2", "3", "4")

STATEMENT = Block(
    "Statement",
    (
        must(
            "basis",
            Code("SOURCE_EVAL", only=("FACT", "ASSESSMENT")),
            "Fact or assessment. Never mix the two",
            "Fait ou appréciation. Ne jamais mêler les deux",
        ),
        must(
            "text",
            MTEXT,
            "The statement. One thing at a time, as the source told it",
            "L'énoncé. Un seul point, tel que la source l'a dit",
        ),
        may("person_ids", ListOf(REFERENCE), "Persons concerned", "Personnes"),
        may(
            "as_of",
            DATE,
            "As of. The day on which it was true",
            "À la date du. Le jour où c'était exact",
        ),
    ),
)

SPI = MessageType(
    name="SPI",
    title_en="Spontaneous information",
    title_fr="Information spontanée",
    senders=INFORMING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(
        IDS_ARE_UNIQUE,
        REFERENCES_RESOLVE,
        PERSONS_ARE_NAMED,
        FACT_OR_ASSESSMENT,
        TOLD_ONCE,
        *EVIDENCE,
    ),
    payload=Block(
        "Spontaneous information",
        (
            may(
                "informing_authority", AUTHORITY, "Who informs", "Autorité qui informe"
            ),
            must(
                "summary",
                MTEXT,
                "In short. Enough to decide which office it is for",
                "En bref. Assez pour savoir quel service est concerné",
            ),
            must(
                "relevance",
                MTEXT,
                "Why it matters to the other side. Such as proceedings it "
                "could open there",
                "Intérêt pour l'autre partie. Comme une procédure qui "
                "pourrait y être ouverte",
            ),
            must(
                "source_evaluation",
                Code("SOURCE_EVAL", only=_GRADES),
                "How far the source is trusted",
                "Fiabilité de la source",
            ),
            must(
                "information_evaluation",
                Code("SOURCE_EVAL", only=_CERTAINTIES),
                "How sure the information is",
                "Certitude de l'information",
            ),
            must(
                "statements",
                ListOf(STATEMENT, least=1),
                "Facts and assessments, each by itself",
                "Faits et appréciations, séparément",
            ),
            must(
                "conditions",
                ListOf(CONDITION),
                "Conditions of use. An empty list means none",
                "Conditions d'utilisation. Liste vide : aucune",
            ),
            may("persons", ListOf(PERSON), "Persons", "Les personnes"),
            may("offences", ListOf(OFFENCE), "Offences", "Les infractions"),
            may("identifiers", ListOf(IDENTIFIER), "Identifiers", "Identifiants"),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

SPI_RSP = MessageType(
    name="SPI_RSP",
    title_en="Reply to spontaneous information",
    title_fr="Réponse à l'information spontanée",
    senders=REQUESTED,
    needs_reply_to=True,
    answers=frozenset({"SPI"}),
    payload=Block(
        "Reply to spontaneous information",
        (
            must(
                "conditions",
                Choice(("ACCEPT", "REJECT")),
                "Whether the conditions are accepted. If not, the information is "
                "erased unseen",
                "Si les conditions sont acceptées. Sinon, l'information est effacée "
                "sans être lue",
            ),
            may(
                "usefulness",
                Choice(("USED", "MAY_BE_USED", "NOT_USED")),
                "What it was good for",
                "Utilité",
            ),
            may("text", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)

ICN = MessageType(
    name="ICN",
    title_en="Interception notice",
    title_fr="Notification d'interception",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(IDS_ARE_UNIQUE, PERSONS_ARE_NAMED),
    payload=Block(
        "Interception notice",
        (
            may(
                "notifying_authority", AUTHORITY, "Who notifies", "Autorité notifiante"
            ),
            must(
                "phase",
                Choice(("BEFORE", "DURING", "AFTER")),
                "Before, during or after the interception",
                "Avant, pendant ou après l'interception",
            ),
            must("period", PERIOD, "Period of the interception", "Période"),
            must(
                "targets",
                ListOf(IDENTIFIER, least=1),
                "What is intercepted. Numbers, addresses or accounts",
                "Cibles de l'interception. Numéros, adresses ou comptes",
            ),
            may("persons", ListOf(PERSON), "Persons intercepted", "Personnes visées"),
            must(
                "purpose_text",
                MTEXT,
                "What it is for. The investigation, in two sentences",
                "Finalité. L'enquête, en deux phrases",
            ),
            must_if(
                when("phase", "DURING", "AFTER"),
                "learned_on",
                DATE,
                "Day it became known that the target is there",
                "Jour où la présence de la cible a été connue",
            ),
            may("offences", ListOf(OFFENCE), "Offences", "Les infractions"),
        ),
    ),
)
