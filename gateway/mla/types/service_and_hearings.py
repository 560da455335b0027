"""What follows a request for service or for a hearing.

After European Convention on Mutual Assistance, article 7, and its second protocol,
articles 9, 10, 15 and 16; Directive 2014/41/EU, articles 24 and 25.
"""

from gateway.mla.demanded import INTERPRETER, SLOT
from gateway.mla.evidence_rules import EVIDENCE
from gateway.mla.fields import Block, Choice, Code, ListOf, may, must
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT, TEXTS
from gateway.mla.reply_rules import SERVICE_TOLD
from gateway.mla.spellings import DATE, FLAG, ID, LOCAL_MOMENT, REFERENCE, TEXT
from gateway.mla.types.model import ANY_ROLE, REQUESTED, MessageType

SVC_RSP = MessageType(
    name="SVC_RSP",
    title_en="Proof of service",
    title_fr="Preuve de notification",
    senders=REQUESTED,
    needs_reply_to=True,
    rules=(SERVICE_TOLD, *EVIDENCE),
    payload=Block(
        "Proof of service",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must("served", FLAG, "Whether it was served", "Si l'acte a été notifié"),
            may("date", DATE, "Served on", "Notifié le"),
            may("mode", TEXT, "How", "Mode"),
            may(
                "to",
                TEXT,
                "To whom, by person id or name. A relative or an employer if "
                "not the addressee",
                "À qui, par repère ou nom. Un parent ou un employeur si ce "
                "n'est le destinataire",
            ),
            may(
                "failure_reason",
                MTEXT,
                "Why it could not be served. Such as moved away, with the "
                "new address if known",
                "Motif de l'échec. Comme un déménagement, avec la nouvelle "
                "adresse si connue",
            ),
            may(
                "refused_by_addressee",
                FLAG,
                "Whether the addressee refused it",
                "Si le destinataire l'a refusé",
            ),
            may(
                "proof_item",
                ID,
                "Item that proves it. The signed receipt, by its item id",
                "Pièce qui le prouve. Le récépissé signé, par son identifiant",
            ),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)

CONTACT = Block(
    "Contact",
    (
        must("name", TEXT, "Name", "Nom"),
        may("phone", REFERENCE, "Telephone", "Téléphone"),
        may("email", TEXT, "E-mail address", "Adresse électronique"),
    ),
)

HRG_ARR = MessageType(
    name="HRG_ARR",
    title_en="Hearing arrangement",
    title_fr="Organisation de l'audition",
    senders=ANY_ROLE,
    needs_reply_to=True,
    payload=Block(
        "Hearing arrangement",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must("proposed", SLOT, "Time proposed", "Créneau proposé"),
            may("place", TEXT, "Where the person will be", "Lieu"),
            may("tech_contact", CONTACT, "Technical contact", "Contact technique"),
            may(
                "test_at",
                LOCAL_MOMENT,
                "Test of the link. Some days before the hearing",
                "Essai de la liaison. Quelques jours avant l'audition",
            ),
            may(
                "join_details",
                TEXT,
                "How the link is told. Never write a password here",
                "Comment la liaison est communiquée. Jamais de mot de passe ici",
            ),
            may("interpreter", INTERPRETER, "Interpreter", "Interprète"),
            may("counsel", TEXT, "Counsel", "Avocat"),
            may("remarks", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)

HRG_CNF = MessageType(
    name="HRG_CNF",
    title_en="Hearing confirmation",
    title_fr="Confirmation de l'audition",
    senders=REQUESTED,
    needs_reply_to=True,
    payload=Block(
        "Hearing confirmation",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must("slot", SLOT, "Time confirmed", "Créneau confirmé"),
            must(
                "confirmed_by",
                Choice(("both", "REQ", "RQD")),
                "Who has confirmed it",
                "Confirmé par",
            ),
            may(
                "refs",
                ListOf(Code("MSG_TYPE")),
                "Messages it rests on, by type",
                "Messages dont elle résulte, par type",
            ),
            may("place", TEXT, "Where the person will be", "Lieu"),
        ),
    ),
)

HRG_REC = MessageType(
    name="HRG_REC",
    title_en="Hearing record",
    title_fr="Procès-verbal d'audition",
    senders=REQUESTED,
    needs_reply_to=True,
    needs_approval=True,
    rules=EVIDENCE,
    payload=Block(
        "Hearing record",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must("date", DATE, "Date", "Date"),
            must("place", TEXT, "Where", "Lieu"),
            must(
                "identity_check",
                TEXT,
                "Identity checked by. Name and post, and the document shown",
                "Contrôle d'identité. Nom et fonction, et la pièce présentée",
            ),
            may("oath", TEXT, "Oath or affirmation", "Serment ou affirmation"),
            must("present", TEXTS, "Who was present", "Présents"),
            may(
                "technical_conditions",
                MTEXT,
                "How the link worked. Breaks too, with their time",
                "Conditions techniques. Les coupures aussi, avec l'heure",
            ),
            may("record_item", ID, "Item with the record", "Pièce du procès-verbal"),
            may("signed_by", TEXT, "Who signed it", "Signataire"),
            may("manifest", MANIFEST, "Items that come with it", "Pièces jointes"),
        ),
    ),
)
