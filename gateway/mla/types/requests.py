"""Messages that open a case: the request for assistance.

After UN Convention against Transnational Organized Crime, article 18(15); European
Convention on Mutual Assistance, article 14; Directive 2014/41/EU, annex A.
"""

from gateway.mla.blocks import (
    COSTS,
    EMERGENCY,
    FACTS,
    IDENTIFIER,
    MEASURE,
    NECESSITY,
    NOT_ONLY_SERVICE_OR_RECORDS,
    OFFENCE,
    PROCEEDINGS,
    RELATED,
    REMEDIES,
    TRANSLATION,
)
from gateway.mla.demanded import DEMANDED_FIELDS
from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import Block, Code, ListOf, may, must, must_if, when
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import AUTHORITY, MTEXT, PERSON, TEXTS
from gateway.mla.request_rules import REQUEST
from gateway.mla.spellings import DATE
from gateway.mla.types.model import REQUESTING, MessageType

MLA_REQ = MessageType(
    name="MLA_REQ",
    title_en="Request for assistance",
    title_fr="Demande d'entraide",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(*REQUEST, *EVIDENCE),
    payload=Block(
        "Request for assistance",
        (
            must(
                "requesting_authority",
                AUTHORITY,
                "Authority that asks",
                "Autorité requérante",
            ),
            may(
                "validating_authority",
                AUTHORITY,
                "Authority that validated the request",
                "Autorité de validation",
            ),
            must(
                "proceedings",
                PROCEEDINGS,
                "The proceedings it is for",
                "La procédure concernée",
            ),
            must_if(
                NOT_ONLY_SERVICE_OR_RECORDS,
                "facts",
                FACTS,
                "The facts",
                "Les faits",
            ),
            must(
                "offences",
                ListOf(OFFENCE, least=1),
                "The offences",
                "Les infractions",
            ),
            may("persons", ListOf(PERSON), "Persons, where known", "Les personnes"),
            must(
                "measures",
                ListOf(MEASURE, least=1),
                "What is asked",
                "Les mesures demandées",
            ),
            may("identifiers", ListOf(IDENTIFIER), "Identifiers", "Identifiants"),
            must("necessity", NECESSITY, "Why it is needed", "La nécessité"),
            must_if(
                when("/urgency", "PRIORITY", "URGENT"),
                "needed_by",
                DATE,
                "Needed by",
                "Nécessaire avant le",
            ),
            must_if(
                when("/urgency", "URGENT"),
                "urgency_reason",
                Code("URGENCY_REASON"),
                "Why it is urgent",
                "Motif d'urgence",
            ),
            must_if(
                when("urgency_reason", "U99"),
                "urgency_text",
                MTEXT,
                "The other reason for urgency",
                "L'autre motif d'urgence",
            ),
            must_if(
                when("/urgency", "EMERGENCY"),
                "emergency",
                EMERGENCY,
                "The emergency",
                "L'urgence vitale",
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
            may("related", ListOf(RELATED), "Related matters", "Affaires liées"),
            may("remedies", REMEDIES, "Remedies", "Voies de recours"),
            may(
                "notice_delay",
                ListOf(Code("NOTICE_DELAY")),
                "Why the person is not told yet",
                "Motifs de ne pas informer la personne",
            ),
            may("costs", COSTS, "Costs", "Frais"),
            may("assurances", MTEXT, "Assurances given", "Garanties données"),
            may(
                "translations",
                ListOf(TRANSLATION),
                "Translations attached",
                "Traductions jointes",
            ),
            *DEMANDED_FIELDS,
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)
