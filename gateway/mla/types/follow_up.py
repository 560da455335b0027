"""What the two sides owe each other about data and items that were handed over.

After European Convention on Mutual Assistance, article 6(2); Directive 2014/41/EU,
article 13; UN Convention against Transnational Organized Crime, article 18(19);
Directive (EU) 2016/680, articles 7, 9, 16 and 30.
"""

from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    ListOf,
    Whole,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.follow_up_rules import (
    CORRECTION_TOLD,
    DESTRUCTION_PROVEN,
    EXCLUSION_EXPLAINED,
    ITEMS_OR_PERSONS,
    USE_OF_SOMETHING,
)
from gateway.mla.parties import MTEXT, REFERENCES, TEXTS
from gateway.mla.spellings import COUNTRY, DATE, HEX, ID, MOMENT, REFERENCE, TEXT
from gateway.mla.types.model import ANY_ROLE, REQUESTING, MessageType

USE_REQ = MessageType(
    name="USE_REQ",
    title_en="Request for other use or onward transfer",
    title_fr="Demande d'autre utilisation ou de transmission",
    senders=ANY_ROLE,
    needs_reply_to=True,
    needs_approval=False,
    payload=Block(
        "Request for other use",
        (
            must("items", ListOf(ID, least=1), "Items concerned", "Pièces concernées"),
            must(
                "new_purpose",
                Code("PURPOSE"),
                "What they are to be used for. Nothing may be used so before "
                "it is granted",
                "Finalité demandée. Aucun usage de ce genre avant l'accord",
            ),
            may("case_number", REFERENCE, "Case they are for", "Dossier concerné"),
            may(
                "new_recipient",
                TEXT,
                "Who is to receive them. Court, office or State; leave out "
                "if only the purpose changes",
                "Nouveau destinataire. Juridiction, service ou État ; "
                "laisser vide si seule la finalité change",
            ),
            may("new_country", COUNTRY, "Country of that", "Son pays"),
            must(
                "justification",
                MTEXT,
                "Why. Say why the first purpose is not enough",
                "Justification. Dire pourquoi la première finalité ne suffit pas",
            ),
            may("needed_by", DATE, "Needed by", "Nécessaire avant le"),
        ),
    ),
)

USE_RSP = MessageType(
    name="USE_RSP",
    title_en="Reply on other use",
    title_fr="Réponse sur l'autre utilisation",
    senders=ANY_ROLE,
    needs_reply_to=True,
    answers=frozenset({"USE_REQ"}),
    payload=Block(
        "Reply on other use",
        (
            must(
                "answer",
                Choice(("GRANTED", "DENIED", "CONDITIONS")),
                "The answer",
                "La réponse",
            ),
            must_if(
                when("answer", "CONDITIONS"),
                "conditions",
                ListOf(Code("CONDITION"), least=1),
                "Conditions",
                "Conditions",
            ),
            may(
                "items",
                ListOf(ID),
                "Items it is about, where not all that were asked for",
                "Pièces visées, si ce n'est pas toutes",
            ),
            may("text", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)

USED_ITEM = Block(
    "Use of an item",
    (
        may("item_id", ID, "Item", "Pièce"),
        may("measure_id", REFERENCE, "Measure", "Mesure"),
        must(
            "outcome",
            Code("USE_OUTCOME"),
            "What it led to. The furthest step that is certain",
            "Suite donnée. La dernière étape certaine",
        ),
        may("date", DATE, "When", "Date"),
        may("text", MTEXT, "Remarks", "Remarques"),
    ),
)

USE_FBK = MessageType(
    name="USE_FBK",
    title_en="Feedback on use",
    title_fr="Retour sur l'utilisation",
    senders=REQUESTING,
    needs_reply_to=True,
    rules=(USE_OF_SOMETHING, EXCLUSION_EXPLAINED),
    payload=Block(
        "Feedback on use",
        (
            must(
                "items",
                ListOf(USED_ITEM, least=1),
                "Each item or measure",
                "Chaque pièce ou mesure",
            ),
        ),
    ),
)

RET_REQ = MessageType(
    name="RET_REQ",
    title_en="Return or destroy request",
    title_fr="Demande de restitution ou de destruction",
    senders=ANY_ROLE,
    needs_reply_to=True,
    payload=Block(
        "Return or destroy request",
        (
            must("items", ListOf(ID, least=1), "Items concerned", "Pièces concernées"),
            must(
                "action",
                Choice(("RETURN", "DESTROY")),
                "What is to be done",
                "Mesure demandée",
            ),
            must(
                "by",
                DATE,
                "By when. A day by which the other side can do it",
                "Avant le. Un jour que l'autre partie peut tenir",
            ),
            may("reason", MTEXT, "Why", "Motif"),
        ),
    ),
)

DISPOSED_ITEM = Block(
    "Disposal of an item",
    (
        must("item_id", ID, "Item", "Pièce"),
        must("disposal", Code("DISPOSAL"), "What was done", "Ce qui a été fait"),
        must("date", DATE, "When", "Date"),
        may(
            "method",
            TEXT,
            "How. Such as keys destroyed, or handed over in person",
            "Méthode. Comme clés détruites ou remise en main propre",
        ),
        may(
            "certificate",
            TEXT,
            "Certificate. Its number, or the item that holds it",
            "Certificat. Son numéro, ou la pièce qui le contient",
        ),
        may(
            "digest", HEX, "Digest of what was erased", "Empreinte de l'élément effacé"
        ),
        must_if(
            when("disposal", "RETAINED_LAW", "RETAINED_CONSENT", "LOST"),
            "reason",
            MTEXT,
            "Why it was kept, or how it was lost or damaged",
            "Pourquoi la pièce est conservée, ou comment elle s'est perdue ou abîmée",
        ),
    ),
)

RET_CNF = MessageType(
    name="RET_CNF",
    title_en="Return or destruction confirmation",
    title_fr="Confirmation de restitution ou destruction",
    senders=ANY_ROLE,
    needs_reply_to=True,
    rules=(DESTRUCTION_PROVEN,),
    payload=Block(
        "Return or destruction confirmation",
        (
            must(
                "items",
                ListOf(DISPOSED_ITEM, least=1),
                "Each item",
                "Chaque pièce",
            ),
            may("text", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)

DPC = MessageType(
    name="DPC",
    title_en="Data correction, restriction or erasure notice",
    title_fr="Avis de rectification, limitation ou effacement",
    senders=ANY_ROLE,
    needs_reply_to=True,
    rules=(ITEMS_OR_PERSONS, CORRECTION_TOLD),
    payload=Block(
        "Data notice",
        (
            may("items", ListOf(ID), "Items concerned", "Pièces concernées"),
            may(
                "messages",
                ListOf(ID),
                "Messages concerned",
                "Messages concernés",
            ),
            may("person_ids", REFERENCES, "Persons concerned", "Personnes concernées"),
            must(
                "action",
                Choice(("CORRECT", "RESTRICT", "RELEASE", "ERASE")),
                "What is to be done, or was. The receiving side does the "
                "same with its copies",
                "Mesure à prendre, ou prise. La partie destinataire fait de "
                "même de ses copies",
            ),
            must("reason", MTEXT, "Why", "Motif"),
            may(
                "corrected",
                MTEXT,
                "What is right. So that the wrong data can be put right everywhere",
                "Ce qui est exact. Pour que l'erreur soit corrigée partout",
            ),
            may("confirm_by", DATE, "Confirm by", "À confirmer avant le"),
        ),
    ),
)

BREACH_NUMBERS = Block(
    "Numbers",
    (
        must("persons", Whole(0, 10**9), "Persons, about", "Personnes, environ"),
        must("records", Whole(0, 10**9), "Records, about", "Enregistrements, environ"),
    ),
)

BRN = MessageType(
    name="BRN",
    title_en="Breach notice",
    title_fr="Notification de violation de données",
    senders=ANY_ROLE,
    needs_approval=True,
    payload=Block(
        "Breach notice",
        (
            must(
                "nature",
                MTEXT,
                "What happened. Loss, disclosure or change, and how",
                "Nature de la violation. Perte, divulgation ou altération, et comment",
            ),
            must(
                "categories",
                ListOf(Code("PDATA"), least=1),
                "Categories of data",
                "Catégories de données",
            ),
            must("numbers", BREACH_NUMBERS, "How many, about", "Nombres approximatifs"),
            must(
                "known_at",
                MOMENT,
                "Known since. The 72 hours run from here",
                "Connue depuis. Les 72 heures courent d'ici",
            ),
            must("contact", TEXT, "Whom to ask", "Contact"),
            must(
                "consequences",
                MTEXT,
                "Likely consequences. For the persons, and for the proceedings",
                "Conséquences probables. Pour les personnes et pour la procédure",
            ),
            must("measures", MTEXT, "What is being done", "Mesures prises"),
            may("items", ListOf(ID), "Items concerned", "Pièces concernées"),
            may(
                "to_follow",
                TEXTS,
                "What will be told later. Do not wait for it with this notice",
                "Informations à suivre. Ne pas l'attendre pour envoyer cet avis",
            ),
        ),
    ),
)
