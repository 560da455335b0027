"""The evidence manifest: what is said of every item that travels with a message.

The author gives what only people know; the node adds what it can measure itself
(id, media type, size, digest) when the file is attached: see `attached`.
"""

from dataclasses import replace

from gateway.core.limits import JSON_INTEGER_BOUND, MAX_ATTACHMENTS
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Field,
    Giver,
    ListOf,
    Whole,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.parties import MTEXT, PERSONAL_DATA, REFERENCES
from gateway.mla.redaction import REASONS
from gateway.mla.spellings import (
    COUNTRY,
    DATE,
    FLAG,
    HEX,
    ID,
    LANGUAGE,
    LONG_TEXT,
    MEDIA_TYPE,
    MOMENT,
    REFERENCE,
    TEXT,
    TIME_ZONE,
    spelled,
)

DIGEST = Block(
    "Digest",
    (
        must("alg", Code("HASH"), "Algorithm", "Algorithme"),
        must("value", HEX, "Value", "Valeur"),
    ),
)

SOURCE = Block(
    "Source",
    (
        must("holder", TEXT, "Who held it", "Détenteur"),
        may("system", TEXT, "System", "Système"),
        may("location", TEXT, "Where", "Lieu"),
        may("account", TEXT, "Account", "Compte"),
    ),
)

SIGNED_SECONDS = spelled(
    "whole seconds, with a sign",
    r"[+-]?\d{1,10}",
    12,
    words_fr="des secondes entières, avec signe",
)

ACQUISITION = Block(
    "Acquisition",
    (
        may("make", TEXT, "Make of the device", "Marque de l'appareil"),
        may("model", TEXT, "Model", "Modèle"),
        may("serial", REFERENCE, "Serial number", "Numéro de série"),
        may(
            "storage_bytes",
            Whole(0, JSON_INTEGER_BOUND - 1),
            "Size of the storage",
            "Capacité du support",
        ),
        may(
            "sectors",
            Whole(0, JSON_INTEGER_BOUND - 1),
            "Number of sectors",
            "Nombre de secteurs",
        ),
        may(
            "clock_offset_s",
            SIGNED_SECONDS,
            "Clock of the device against true time, seconds",
            "Écart de l'horloge de l'appareil, en secondes",
        ),
        may("time_zone", TIME_ZONE, "Its time zone", "Son fuseau horaire"),
        may("image_format", REFERENCE, "Format of the image", "Format de l'image"),
        may("segments", Whole(1, 100_000), "Segments", "Segments"),
        may("errors", LONG_TEXT, "Errors while reading", "Erreurs de lecture"),
        may("partial", LONG_TEXT, "Why only a part", "Motif d'une copie partielle"),
        may("live", LONG_TEXT, "Why while it ran", "Motif d'une copie à chaud"),
    ),
)
"""What makes an acquisition repeatable (ISO/IEC 27037, 7.1.3 and 7.1.4)."""

CUSTODY_ROLES = (
    "DEFR",
    "DES",
    "INCIDENT_RESPONSE",
    "LAB_MANAGER",
    "CUSTODIAN",
    "OTHER",
)
"""Roles in handling, after ISO/IEC 27037: digital evidence first responder and
specialist, incident response specialist, forensic laboratory manager; and whoever
only keeps the item."""

CUSTODY_EVENT = Block(
    "Custody event",
    (
        may("event_id", ID, "Id of the event", "Identifiant"),
        must("seq", Whole(1, 100_000), "Number", "Numéro"),
        must("event", Code("CUSTODY"), "What happened", "Événement"),
        must("at", MOMENT, "When", "Moment"),
        may("time_source", TEXT, "Clock it was read from", "Source de l'heure"),
        must("actor", TEXT, "Who", "Auteur"),
        may("post", TEXT, "In which post", "Fonction"),
        may(
            "role",
            Choice(CUSTODY_ROLES),
            "Role, after ISO/IEC 27037",
            "Rôle, selon ISO/CEI 27037",
        ),
        must("organisation", TEXT, "Organisation", "Organisation"),
        may("country", COUNTRY, "Its country", "Son pays"),
        may("place", TEXT, "Where", "Lieu"),
        may("from", TEXT, "Taken over from", "Reçu de"),
        must_if(when("event", "TRANSFERRED"), "to", TEXT, "Handed to", "Remis à"),
        must("reason", TEXT, "Why", "Motif"),
        may("authority_ref", TEXT, "Under which order", "Titre"),
        may("method", TEXT, "Method", "Méthode"),
        may("tool", TEXT, "Tool", "Outil"),
        may("version", REFERENCE, "Its version", "Sa version"),
        may("write_blocker", TEXT, "Write blocker", "Bloqueur d'écriture"),
        may("algs", ListOf(Code("HASH")), "Digests computed", "Empreintes calculées"),
        may(
            "input_digests",
            ListOf(DIGEST, most=8),
            "Digests before",
            "Empreintes avant",
        ),
        may(
            "output_digests",
            ListOf(DIGEST, most=8),
            "Digests after",
            "Empreintes après",
        ),
        may("acquisition", ACQUISITION, "The acquisition", "L'acquisition"),
        may("seal", REFERENCE, "Seal number", "Numéro de scellé"),
        may("condition", TEXT, "Condition of the item", "État de la pièce"),
        may("witness", TEXT, "Witness", "Témoin"),
        may("anomalies", LONG_TEXT, "Anything unusual", "Anomalies"),
        may("notes", LONG_TEXT, "Notes", "Remarques"),
        may(
            "corrects",
            Whole(1, 100_000),
            "Number of the event it corrects",
            "Numéro de l'événement corrigé",
        ),
        may(
            "prev_event_hash",
            HEX,
            "SHA-256 of the event before",
            "SHA-256 de l'événement précédent",
        ),
        may("signature", REFERENCE, "Signature, its reference", "Signature, référence"),
    ),
)

REDACTION = Block(
    "Redaction",
    (
        must("rule", TEXT, "What was left out", "Ce qui a été occulté"),
        must("by", TEXT, "By", "Par"),
        must("at", MOMENT, "When", "Moment"),
        may("redaction_id", ID, "Its id", "Son identifiant"),
        may(
            "reasons",
            ListOf(Choice(REASONS), least=1),
            "Why something was left out",
            "Motifs de l'occultation",
        ),
        may(
            "commitment",
            HEX,
            "Commitment to the original. It says nothing of it, and proves later that "
            "this copy was made of it: mla-gateway redact",
            "Engagement sur l'original. Il n'en révèle rien et prouvera que cette "
            "copie en est tirée : mla-gateway redact",
        ),
        may(
            "source_sha256",
            HEX,
            "Digest of the whole. Only where it may be known",
            "Empreinte de l'original. Seulement si elle peut être connue",
        ),
    ),
)

CERTIFICATION = Block(
    "Certification",
    (
        must("statement", TEXT, "Statement", "Attestation"),
        must("by", TEXT, "By", "Par"),
        must("at", DATE, "On", "Le"),
    ),
)

ENCRYPTION = Block(
    "Encryption",
    (
        must("alg", REFERENCE, "Algorithm", "Algorithme"),
        may("recipients", REFERENCES, "Recipients", "Destinataires"),
    ),
)


def _measured(field: Field) -> Field:
    return replace(field, giver=Giver.NODE)


_FETCHED = when("channel", "OBJECT_STORE")

ITEM = Block(
    "Evidence item",
    (
        _measured(must("item_id", ID, "Id of the item", "Identifiant")),
        may("parent_item", ID, "Item it was made from", "Pièce d'origine"),
        must("type", Code("EVID"), "Kind of evidence", "Type de preuve"),
        must("title", MTEXT, "Title", "Titre"),
        may("description", MTEXT, "Description", "Description"),
        must("file_name", TEXT, "File name", "Nom du fichier"),
        _measured(must("media_type", MEDIA_TYPE, "Media type", "Type de média")),
        _measured(
            must("size_bytes", Whole(0, JSON_INTEGER_BOUND - 1), "Size", "Taille")
        ),
        _measured(
            must("digests", ListOf(DIGEST, least=1, most=8), "Digests", "Empreintes")
        ),
        may(
            "digest_over",
            Choice(("PLAIN", "CIPHER")),
            "What the digests are of",
            "Objet des empreintes",
        ),
        must("source", SOURCE, "Where it comes from", "Provenance"),
        must("acquired_at", MOMENT, "Acquired at", "Recueillie le"),
        must("acquired_by", TEXT, "Acquired by", "Recueillie par"),
        may("method", TEXT, "Method", "Méthode"),
        may("tool", TEXT, "Tool", "Outil"),
        may("version", REFERENCE, "Its version", "Sa version"),
        must("legal_authority", TEXT, "Order or law", "Fondement juridique"),
        must("measure_id", REFERENCE, "Measure it answers", "Mesure concernée"),
        may("person_ids", REFERENCES, "Persons concerned", "Personnes concernées"),
        may(
            "personal_data",
            ListOf(PERSONAL_DATA),
            "Personal data in it",
            "Données personnelles",
        ),
        must(
            "handling",
            ListOf(Code("HANDLING"), least=1),
            "Markings",
            "Marquages",
        ),
        must("purpose", Code("PURPOSE"), "Purpose of use", "Finalité"),
        may("conditions", ListOf(Code("CONDITION")), "Conditions", "Conditions"),
        may("language", LANGUAGE, "Language", "Langue"),
        may("translation_of", ID, "Item it translates", "Pièce traduite"),
        may("redacted", FLAG, "Whether redacted", "Si occultée"),
        may("redaction_ref", REDACTION, "The redaction", "L'occultation"),
        may("original", FLAG, "Whether the original", "Si l'original"),
        may("return_by", DATE, "Return by", "À rendre avant le"),
        must(
            "custody",
            ListOf(CUSTODY_EVENT, least=1),
            "Chain of custody",
            "Chaîne de conservation",
        ),
        may("certification", CERTIFICATION, "Certification", "Certification"),
        may("encryption", ENCRYPTION, "Encryption", "Chiffrement"),
        must("channel", Code("CHANNEL"), "How it travels", "Voie de transmission"),
        must_if(_FETCHED, "locator", TEXT, "Where to fetch it", "Où le récupérer"),
        must_if(_FETCHED, "available_until", MOMENT, "Until", "Jusqu'au"),
        may("parcel", REFERENCE, "Parcel, as 1/3", "Colis, comme 1/3"),
    ),
)

MANIFEST = ListOf(ITEM, most=MAX_ATTACHMENTS)
"""The items that travel with one message."""
