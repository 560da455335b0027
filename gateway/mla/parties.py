"""Blocks for people and offices, and for texts in several languages.

How to read a declaration is said in `blocks`.
"""

from gateway.mla.fields import Block, Choice, Code, ListOf, may, must
from gateway.mla.spellings import (
    COUNTRY,
    DATE,
    FLAG,
    LANGUAGE,
    LONG_TEXT,
    MOMENT,
    PARTIAL_DATE,
    REFERENCE,
    TEXT,
    TIME_ZONE,
)

TEXTS = ListOf(TEXT)

REFERENCES = ListOf(REFERENCE)

YES_NO_UNKNOWN = Choice(("yes", "no", "unknown"))

MTEXT = ListOf(
    Block(
        "Text in one language",
        (
            must("lang", LANGUAGE, "Language of the text", "Langue du texte"),
            must("text", LONG_TEXT, "The text", "Le texte"),
            must(
                "is_translation",
                FLAG,
                "Whether it is a translation",
                "S'il s'agit d'une traduction",
            ),
            may(
                "certified",
                FLAG,
                "Whether the translation is certified",
                "Si la traduction est certifiée",
            ),
        ),
    ),
    least=1,
    most=30,
)
"""The same text in one or more languages."""

PARTY = Block(
    "Party",
    (
        must("country", COUNTRY, "Country", "Pays"),
        must("authority_id", REFERENCE, "Authority", "Autorité"),
        must("role", Code("NODE_ROLE"), "Role in the case", "Rôle dans l'affaire"),
    ),
)

AUTHORITY = Block(
    "Authority",
    (
        may("authority_id", REFERENCE, "Its id", "Son identifiant"),
        must("country", COUNTRY, "Country", "Pays"),
        must("name", MTEXT, "Name of the office", "Nom de l'autorité"),
        must("type", Code("AUTHORITY_TYPE"), "Kind of authority", "Type d'autorité"),
        may("address", TEXT, "Postal address", "Adresse postale"),
        may("phone", REFERENCE, "Telephone", "Téléphone"),
        may("email", TEXT, "E-mail address", "Adresse électronique"),
        may(
            "contact_person",
            TEXT,
            "Whom to ask. Somebody who knows the case and can be reached",
            "Personne à contacter. Une personne qui connaît l'affaire et "
            "qui est joignable",
        ),
        may("post", TEXT, "Post of that person", "Fonction de cette personne"),
        may("office_hours", TEXT, "Office hours", "Heures d'ouverture"),
        may("time_zone", TIME_ZONE, "Time zone", "Fuseau horaire"),
        may(
            "languages",
            ListOf(LANGUAGE),
            "Languages it accepts",
            "Langues acceptées",
        ),
        may(
            "emergency_247",
            TEXT,
            "Contact at any hour. A telephone that is answered at night",
            "Contact à toute heure. Un téléphone auquel on répond la nuit",
        ),
    ),
)

PLACE_OF_BIRTH = Block(
    "Place of birth",
    (
        may("town", TEXT, "Town", "Ville"),
        may("country", COUNTRY, "Country", "Pays"),
    ),
)

IDENTITY_DOCUMENT = Block(
    "Identity document",
    (
        must("type", Code("IDDOC"), "Kind of document", "Type de document"),
        must("number", REFERENCE, "Number", "Numéro"),
        may("country", COUNTRY, "Country of issue", "Pays d'émission"),
        may("issuer", TEXT, "Issued by", "Délivré par"),
        may("valid_to", DATE, "Valid until", "Valable jusqu'au"),
    ),
)

PERSON = Block(
    "Person",
    (
        must("person_id", REFERENCE, "Short id used in this form", "Repère"),
        must(
            "kind",
            Choice(("natural", "legal")),
            "Natural or legal person",
            "Personne physique ou morale",
        ),
        must(
            "role",
            Code("PERSON_ROLE"),
            "Position in the case. If a person has several, the one that "
            "matters for this request",
            "Qualité. S'il y en a plusieurs, celle qui compte pour cette demande",
        ),
        may(
            "flags",
            ListOf(Code("PERSON_FLAG")),
            "Cautions. MINOR needs the marking MINOR on the whole message",
            "Signalements. MINOR exige le marquage MINOR sur tout le message",
        ),
        may(
            "surname",
            TEXT,
            "Surname. As in the identity document",
            "Nom. Comme sur la pièce d'identité",
        ),
        may("forenames", TEXT, "Forenames", "Prénoms"),
        may("former_surname", TEXT, "Former surname", "Ancien nom"),
        may("other_names", TEXTS, "Other names", "Autres noms"),
        may("aliases", TEXTS, "Aliases", "Alias"),
        may("sex", Code("SEX"), "Sex", "Sexe"),
        may(
            "birth_date",
            PARTIAL_DATE,
            "Date of birth. The year alone where no more is known",
            "Date de naissance. L'année seule si rien d'autre n'est connu",
        ),
        may("birth_place", PLACE_OF_BIRTH, "Place of birth", "Lieu de naissance"),
        may("nationalities", ListOf(COUNTRY), "Nationalities", "Nationalités"),
        may(
            "identity_docs",
            ListOf(IDENTITY_DOCUMENT),
            "Identity documents",
            "Documents d'identité",
        ),
        may(
            "national_no",
            REFERENCE,
            "National number. Only if the other side needs it to find the person",
            "Numéro national. Seulement si l'autre partie en a besoin "
            "pour identifier la personne",
        ),
        may("addresses", TEXTS, "Addresses", "Adresses"),
        may("phones", REFERENCES, "Telephones", "Téléphones"),
        may("emails", TEXTS, "E-mail addresses", "Adresses électroniques"),
        may("languages", ListOf(LANGUAGE), "Languages", "Langues"),
        may("father_forename", TEXT, "Father's forename", "Prénom du père"),
        may("father_surname", TEXT, "Father's surname", "Nom du père"),
        may("mother_forename", TEXT, "Mother's forename", "Prénom de la mère"),
        may("mother_surname", TEXT, "Mother's surname", "Nom de la mère"),
        may("detained_at", TEXT, "Place of detention", "Lieu de détention"),
        may("counsel", TEXT, "Counsel", "Avocat"),
        may("name", TEXT, "Name of the legal person", "Dénomination"),
        may("legal_form", TEXT, "Legal form", "Forme juridique"),
        may("trade_name", TEXT, "Trade name", "Nom commercial"),
        may("reg_no", REFERENCE, "Register number", "Numéro de registre"),
        may("lei", REFERENCE, "Legal entity identifier", "Identifiant LEI"),
        may("seat", TEXT, "Seat", "Siège"),
        may("representative", TEXT, "Representative", "Représentant"),
        may(
            "data_basis",
            Code("SOURCE_EVAL", only=("FACT", "ASSESSMENT")),
            "Fact or assessment. What is known is told apart from what is believed",
            "Fait ou appréciation. Distinguer ce qui est établi de ce qui est supposé",
        ),
    ),
)

PERSONAL_DATA = Block(
    "Personal data",
    (
        must("category", Code("PDATA"), "Category of data", "Catégorie de données"),
        may("person_ids", REFERENCES, "Persons concerned", "Personnes concernées"),
        may(
            "special",
            FLAG,
            "Special category. Such as health, religion or biometrics",
            "Catégorie particulière. Comme la santé, la religion ou la biométrie",
        ),
        may("justification", LONG_TEXT, "Why they are sent", "Justification"),
    ),
)

APPROVAL = Block(
    "Approval",
    (
        must("name", TEXT, "Name", "Nom"),
        must("post", TEXT, "Post", "Fonction"),
        must(
            "authority_type",
            Code("AUTHORITY_TYPE"),
            "Kind of authority",
            "Type d'autorité",
        ),
        must("at", MOMENT, "When", "Moment"),
        may(
            "four_eyes",
            TEXT,
            "Second person. Who looked at it besides the one who approves",
            "Seconde personne. Qui l'a relu en plus de celui qui approuve",
        ),
    ),
)
