"""Messages that open a case by asking for measures.

After UN Convention against Transnational Organized Crime, articles 13 and 18; European
Convention on Mutual Assistance, articles 7 to 14, and its second protocol; Directive
2014/41/EU, annex A; second protocol to the Budapest Convention, articles 9 and 10;
European Convention on Extradition, article 16.
"""

from gateway.mla.asset_rules import ABSENCE_EXPLAINED, ORDER_IS_FINAL
from gateway.mla.blocks import ASSET, ORDER
from gateway.mla.circumstances import EMERGENCY, RELATED
from gateway.mla.demanded import ARREST, HEARING, SERVICE, TRANSFER
from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import Block, ListOf, may, must
from gateway.mla.parties import MTEXT
from gateway.mla.request_rules import (
    EMERGENCY_IS_CLAIMED,
    EXTRADITION_FOLLOWS,
    REQUEST,
)
from gateway.mla.spellings import CURRENCY, DECIMAL, FLAG, REFERENCE, TEXT
from gateway.mla.types.model import REQUESTING, MessageType
from gateway.mla.types.request_fields import request_fields

_RULES = (*REQUEST, *EVIDENCE)

MLA_REQ = MessageType(
    name="MLA_REQ",
    title_en="Request for assistance",
    title_fr="Demande d'entraide",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=_RULES,
    payload=Block("Request for assistance", request_fields()),
)

EMR_REQ = MessageType(
    name="EMR_REQ",
    title_en="Emergency request",
    title_fr="Demande d'urgence vitale",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(*_RULES, EMERGENCY_IS_CLAIMED),
    payload=Block(
        "Emergency request",
        request_fields(
            must(
                "emergency",
                EMERGENCY,
                "The emergency. What threatens whom, and how the data help to avert "
                "it; what is missing may follow within 48 hours",
                "L'urgence vitale. Ce qui menace qui, et en quoi les données aident à "
                "l'écarter ; le reste peut suivre dans les 48 heures",
            ),
        ),
    ),
)

SVC_REQ = MessageType(
    name="SVC_REQ",
    title_en="Request for service of documents",
    title_fr="Demande de notification d'actes",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=_RULES,
    payload=Block(
        "Request for service of documents",
        request_fields(
            must(
                "service",
                SERVICE,
                "The service. A summons must arrive in good time before the hearing; "
                "many States ask for 50 days",
                "La notification. Une citation doit parvenir à temps avant "
                "l'audience ; beaucoup d'États demandent 50 jours",
            ),
            may(
                "witness_costs",
                TEXT,
                "Costs that a witness gets back",
                "Frais remboursés au témoin",
            ),
        ),
    ),
)

HRG_REQ = MessageType(
    name="HRG_REQ",
    title_en="Hearing request",
    title_fr="Demande d'audition",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=_RULES,
    payload=Block(
        "Hearing request",
        request_fields(
            must(
                "hearing",
                HEARING,
                "The hearing. For a hearing at a distance say why presence does not "
                "suit, and offer two times or more",
                "L'audition. À distance, dire pourquoi la présence ne convient pas et "
                "proposer au moins deux créneaux",
            ),
        ),
    ),
)

TTP_REQ = MessageType(
    name="TTP_REQ",
    title_en="Request for temporary transfer of a person",
    title_fr="Demande de transfèrement temporaire",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=_RULES,
    payload=Block(
        "Request for temporary transfer",
        request_fields(
            must(
                "transfer",
                TRANSFER,
                "The transfer. The person stays in custody, keeps the sentence running "
                "and is returned by the day named",
                "Le transfèrement. La personne reste détenue, la peine continue et le "
                "retour a lieu au jour indiqué",
            ),
        ),
    ),
)

AFFECTED = Block(
    "Affected person",
    (
        must("person_id", REFERENCE, "Person, by short id", "Personne, par repère"),
        must(
            "position",
            TEXT,
            "How affected: target, owner, third party",
            "Qualité : visée, propriétaire, tiers",
        ),
    ),
)

_ASSETS = must(
    "assets",
    ListOf(ASSET, least=1),
    "The assets. Each with where it is, what it is worth and on what ground",
    "Les biens. Chacun avec sa localisation, sa valeur et le fondement",
)
_ORDER = must(
    "order",
    ORDER,
    "The order to be executed. Attach a copy",
    "La décision à exécuter. En joindre une copie",
)
_ASSET_FIELDS = (
    _ASSETS,
    _ORDER,
    may(
        "affected",
        ListOf(AFFECTED),
        "Persons affected and third parties",
        "Personnes concernées et tiers",
    ),
    may(
        "amount_to_execute",
        DECIMAL,
        "Amount to execute. In this State; less what others execute",
        "Montant à exécuter. Dans cet État ; moins ce que d'autres exécutent",
    ),
    may("amount_total", DECIMAL, "Amount of the order", "Montant de la décision"),
    may("currency", CURRENCY, "Currency of the amounts", "Devise des montants"),
    must(
        "location_grounds",
        MTEXT,
        "Why the assets are believed to be there. Account statement, "
        "register, or what was seen",
        "Raisons de croire que les biens s'y trouvent. Relevé, "
        "registre ou constatation",
    ),
    may(
        "victim_restitution",
        MTEXT,
        "Restitution to a victim",
        "Restitution à une victime",
    ),
    may(
        "management",
        MTEXT,
        "How to look after them. Such as sale of what loses its value",
        "Gestion des biens. Comme la vente de ce qui perd de la valeur",
    ),
    may(
        "other_states",
        ListOf(RELATED),
        "Other States asked, and why. So that no more is taken than the order says",
        "Autres États saisis, et pourquoi. Pour ne pas saisir plus que la décision",
    ),
)

FRZ_REQ = MessageType(
    name="FRZ_REQ",
    title_en="Freezing request",
    title_fr="Demande de gel",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=_RULES,
    payload=Block("Freezing request", request_fields(*_ASSET_FIELDS)),
)

PRESENCE_AT_TRIAL = Block(
    "Presence at trial",
    (
        must("present", FLAG, "Whether the person was there", "Si la personne y était"),
        may(
            "why_fair",
            MTEXT,
            "If not, how the defence was ensured. Such as service in "
            "person, or counsel who took part",
            "Sinon, comment la défense a été assurée. Comme une citation "
            "à personne ou un avocat présent",
        ),
    ),
)

PAYMENT = Block(
    "Payment details",
    (
        must("iban", REFERENCE, "IBAN", "IBAN"),
        may("bic", REFERENCE, "BIC", "BIC"),
        must("holder", TEXT, "Account holder", "Titulaire du compte"),
    ),
)

CNF_REQ = MessageType(
    name="CNF_REQ",
    title_en="Confiscation request",
    title_fr="Demande de confiscation",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(*_RULES, ORDER_IS_FINAL, ABSENCE_EXPLAINED),
    payload=Block(
        "Confiscation request",
        request_fields(
            *_ASSET_FIELDS,
            may("freezing_ref", REFERENCE, "Earlier freezing order", "Gel antérieur"),
            may(
                "presence_at_trial",
                PRESENCE_AT_TRIAL,
                "Presence at the trial",
                "Présence au procès",
            ),
            may(
                "alternative_measures",
                MTEXT,
                "Measures that may stand in for it",
                "Mesures de remplacement admises",
            ),
            may("payment", PAYMENT, "Where to pay", "Coordonnées de paiement"),
        ),
    ),
)

PAR_REQ = MessageType(
    name="PAR_REQ",
    title_en="Provisional arrest request",
    title_fr="Demande d'arrestation provisoire",
    senders=REQUESTING,
    opens_case=True,
    needs_approval=True,
    needs_sender_ref=True,
    rules=(*_RULES, EXTRADITION_FOLLOWS),
    payload=Block(
        "Provisional arrest request",
        request_fields(
            must(
                "arrest",
                ARREST,
                "The arrest. The papers must follow within 18 days, or 40 at most",
                "L'arrestation. Les pièces doivent suivre sous 18 jours, 40 au plus",
            ),
            may(
                "red_notice",
                REFERENCE,
                "Number of a notice by Interpol",
                "Numéro de la notice d'Interpol",
            ),
            may(
                "penalty_left_months",
                DECIMAL,
                "Months of the sentence still to serve",
                "Mois de peine restant à purger",
            ),
        ),
    ),
)

__all__ = (
    "CNF_REQ",
    "EMR_REQ",
    "FRZ_REQ",
    "HRG_REQ",
    "MLA_REQ",
    "PAR_REQ",
    "SVC_REQ",
    "TTP_REQ",
)
