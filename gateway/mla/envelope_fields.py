"""The fields that every message has, whatever its type.

The author gives some, the node adds the others when the message is submitted
(specification, section 12). Conditions that hang on the type of message, such as
who must be approved, are in `MessageType`.
"""

from dataclasses import replace
from enum import Enum, auto
from functools import cache

from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Field,
    Giver,
    ListOf,
    Need,
    Whole,
    fields_below,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.parties import APPROVAL, PARTY, PERSONAL_DATA
from gateway.mla.spellings import (
    DATE,
    FLAG,
    HEX,
    ID,
    LANGUAGE,
    MOMENT,
    REFERENCE,
    TEXT,
)
from gateway.mla.types.model import MessageType
from gateway.mla.versions import NATIONAL_SINCE, OWED_SINCE, SCHEMA_VERSIONS, includes

MAX_APPROVALS = 10
MAX_SEQ = 1_000_000
MAX_NATIONAL = 16

BILATERAL_TREATY = Block(
    "Bilateral treaty",
    (
        must("title", TEXT, "Title", "Intitulé"),
        must("date", DATE, "Date", "Date"),
    ),
)

NATIONAL = Block(
    "National declaration",
    (
        must("name", REFERENCE, "Its name", "Son nom"),
        must("digest", HEX, "Digest of what it declares", "Empreinte de son contenu"),
    ),
)

AUTHOR_FIELDS = (
    must("msg_type", Code("MSG_TYPE"), "Type of message", "Type de message"),
    may("case_id", ID, "Case; none opens one", "Affaire ; sans, une nouvelle"),
    may("in_reply_to", ID, "Message answered", "Message auquel on répond"),
    may("refs", ListOf(ID), "Other messages referred to", "Autres messages visés"),
    may("cc", ListOf(PARTY), "Copies, within the two sides", "Copies"),
    may("sender_ref", REFERENCE, "Your file number", "Votre numéro de dossier"),
    may("recipient_ref", REFERENCE, "Their file number", "Leur numéro de dossier"),
    must(
        "instrument",
        ListOf(Code("INSTRUMENT"), least=1, most=10),
        "Legal basis, the main one first",
        "Base légale, la principale d'abord",
    ),
    must_if(
        when("/instrument/*", "BILATERAL"),
        "bilateral_treaty",
        BILATERAL_TREATY,
        "Which bilateral treaty",
        "Quel traité bilatéral",
    ),
    must("purpose", Code("PURPOSE"), "Purpose of use", "Finalité"),
    must("urgency", Code("URGENCY"), "How urgent it is", "Degré d'urgence"),
    must(
        "handling",
        ListOf(Code("HANDLING"), least=1, most=16),
        "Markings, one of them TLP",
        "Marquages, dont un TLP",
    ),
    must("language", LANGUAGE, "Language of the message", "Langue du message"),
    may("expires_at", MOMENT, "A reply is useless after", "Réponse inutile après"),
    may("evidence", ListOf(ID), "Items that come with it", "Pièces jointes"),
    may(
        "personal_data",
        ListOf(PERSONAL_DATA),
        "Personal data in the message",
        "Données personnelles",
    ),
    must(
        "approval",
        ListOf(APPROVAL, most=MAX_APPROVALS),
        "Who approved it",
        "Approuvé par",
    ),
)


def _by_node(field: Field) -> Field:
    return replace(field, giver=Giver.NODE)


NODE_FIELDS = tuple(
    _by_node(field)
    for field in (
        must("msg_id", ID, "Id of the message", "Identifiant du message"),
        must(
            "schema_version",
            Choice(SCHEMA_VERSIONS),
            "Version of this form",
            "Version du formulaire",
        ),
        must(
            "seq",
            Whole(1, MAX_SEQ),
            "Number in the case, per sender",
            "Numéro dans l'affaire, par expéditeur",
        ),
        may(
            "prev_hash",
            HEX,
            "Digest of the sender's previous message",
            "Empreinte du message précédent",
        ),
        must("from", PARTY, "Sender", "Expéditeur"),
        must("to", PARTY, "Recipient", "Destinataire"),
        must("created_at", MOMENT, "When it was made", "Moment de création"),
        must("sent_at", MOMENT, "When it was sent", "Moment d'envoi"),
        must(
            "needs_receipt",
            FLAG,
            "Whether a receipt is expected",
            "Si un accusé est attendu",
        ),
        replace(
            may(
                "national",
                ListOf(NATIONAL, least=1, most=MAX_NATIONAL),
                "National declarations that it needs",
                "Déclarations nationales requises",
            ),
            since=NATIONAL_SINCE,
        ),
        replace(
            may(
                "translations_owed",
                ListOf(LANGUAGE, least=1, most=32),
                "A translation into one of these follows",
                "Une traduction dans l'une de ces langues suivra",
            ),
            since=OWED_SINCE,
        ),
    )
)

NODE_FIELD_NAMES = frozenset(field.name for field in NODE_FIELDS)
"""Given by an author, these are ignored and named in the answer."""


class Form(Enum):
    """Which of its two lives a document is in."""

    AUTHOR = auto()  # as written, before the node adds its fields
    COMPLETE = auto()  # as sent and received


@cache
def message_block(
    declared: MessageType, form: Form, version: str = SCHEMA_VERSIONS[-1]
) -> Block:
    """Return all fields of a message of a type, payload included.

    Args:
        declared: The type.
        form: Which life of the document is meant.
        version: Of messages; what a later one added is left out.
    """
    fields = [_as_in(field, declared) for field in AUTHOR_FIELDS]
    if form is Form.COMPLETE:
        fields += NODE_FIELDS
    payload = _in_version(declared.payload, version)
    fields.append(must("payload", payload, "The content", "Le contenu"))
    return _in_version(Block(declared.title_en, tuple(fields)), version)


def _in_version(block: Block, version: str) -> Block:
    """Return a block as a version has it; the same one if that is all of it."""
    fields = tuple(f for f in block.fields if includes(version, f.since))
    return block if fields == block.fields else replace(block, fields=fields)


@cache
def node_block(declared: MessageType) -> Block:
    """Return those fields of a message that the node gives, or gives a part of."""
    parts = tuple(field for field in declared.payload.fields if _has_node_part(field))
    payload = replace(declared.payload, fields=parts)
    fields = message_block(declared, Form.COMPLETE).fields
    given = [field for field in fields if field.giver is Giver.NODE]
    # The payload stands last in every message.
    return Block(declared.title_en, (*given, replace(fields[-1], kind=payload)))


def _has_node_part(field: Field) -> bool:
    below = fields_below(Block(field.name, (field,)))
    return any(inner.giver is Giver.NODE for _, inner in below)


def _as_in(field: Field, declared: MessageType) -> Field:
    """Return a common field as the type wants it."""
    demanded = {
        "in_reply_to": declared.needs_reply_to,
        "sender_ref": declared.needs_sender_ref,
    }
    if field.name in declared.without:
        return replace(field, need=Need.OPTIONAL)
    if demanded.get(field.name):
        return replace(field, need=Need.MANDATORY)
    match field.name:
        case "msg_type":
            field = replace(field, kind=Choice((declared.name,)))
        case "case_id":
            # A new case gets its id from the node, unless the author has one.
            giver = Giver.NODE if declared.opens_case else Giver.AUTHOR
            field = replace(field, need=Need.MANDATORY, giver=giver)
        case "approval" if declared.needs_approval:
            field = replace(field, kind=ListOf(APPROVAL, least=1, most=MAX_APPROVALS))
    return field
