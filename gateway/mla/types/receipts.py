"""Messages about messages: receipt and functional error."""

from gateway.mla.fields import Block, Choice, Code, ListOf, may, must
from gateway.mla.spellings import (
    DATE,
    FLAG,
    ID,
    LONG_TEXT,
    MOMENT,
    POINTER,
    REFERENCE,
    TEXT,
)
from gateway.mla.types.model import ANY_ROLE, MessageType

FORWARDED = Block(
    "Forwarded to",
    (
        must("authority_id", REFERENCE, "Authority", "Autorité"),
        must("name", TEXT, "Its name", "Son nom"),
        must("on", DATE, "On", "Le"),
    ),
)

DEADLINE = Block(
    "Deadline",
    (
        must("rule", Code("DEADLINE"), "Rule of the deadline", "Règle du délai"),
        may("starts", MOMENT, "Runs from", "Court depuis"),
        may("due", MOMENT, "Ends at", "Expire le"),
    ),
)

ACK = MessageType(
    name="ACK",
    title_en="Acknowledgement of receipt",
    title_fr="Accusé de réception",
    senders=ANY_ROLE,
    never_answers=frozenset({"ACK"}),
    needs_reply_to=True,
    needs_receipt=False,
    payload=Block(
        "Acknowledgement",
        (
            must("received_at", MOMENT, "Received at", "Reçu le"),
            may(
                "recipient_ref",
                REFERENCE,
                "Our file number. The other side quotes it from now on",
                "Notre numéro. L'autre partie le cite désormais",
            ),
            may("language_ok", FLAG, "Whether we can read it", "Langue acceptée"),
            may(
                "completeness",
                Choice(("NONE", "CHECKED")),
                "Whether checked for completeness. NONE says that it has only arrived",
                "Contrôle de complétude. NONE dit seulement que la demande est arrivée",
            ),
            may("forwarded_to", FORWARDED, "Passed on to", "Transmis à"),
            may(
                "expected_decision",
                DATE,
                "Decision expected on",
                "Décision attendue le",
            ),
            may("deadlines", ListOf(DEADLINE), "Deadlines", "Délais"),
        ),
    ),
)

FORM_PROBLEM = Block(
    "Problem",
    (
        must("code", Code("ERR"), "Kind of problem", "Type de problème"),
        must("pointer", POINTER, "Where, as a JSON pointer", "Où, en pointeur JSON"),
        must("text", LONG_TEXT, "What is wrong", "Ce qui ne va pas"),
    ),
)

ERR = MessageType(
    name="ERR",
    title_en="Functional error",
    title_fr="Erreur fonctionnelle",
    senders=ANY_ROLE,
    never_answers=frozenset({"ERR"}),
    # The first message of a case is not yet part of one when it turns out invalid.
    needs_case=False,
    needs_reply_to=True,
    needs_receipt=False,
    # What it answers may be too broken to take these from.
    without=frozenset({"instrument", "purpose"}),
    payload=Block(
        "Functional error",
        (
            must("code", Code("ERR"), "Kind of error", "Type d'erreur"),
            must("msg_id", ID, "Message at fault", "Message en cause"),
            may("pointer", POINTER, "Where, as a JSON pointer", "Où, en pointeur JSON"),
            must(
                "retryable",
                FLAG,
                "Whether the same may be sent again. False if it must be "
                "corrected first",
                "Si un renvoi tel quel est utile. false s'il faut d'abord la corriger",
            ),
            may("problems", ListOf(FORM_PROBLEM), "All problems", "Tous les problèmes"),
        ),
    ),
)
