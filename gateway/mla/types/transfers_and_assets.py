"""Reports on persons transferred or arrested, and on assets.

After UN Convention against Transnational Organized Crime, articles 13 and 18(10) to
(12); Directive 2014/41/EU, articles 22 and 23; Regulation (EU) 2018/1805; European
Convention on Extradition, article 16.
"""

from gateway.mla.asset_rules import AMOUNTS_HAVE_CURRENCY
from gateway.mla.fields import Block, Choice, ListOf, may, must, must_if, when
from gateway.mla.parties import MTEXT, TEXTS
from gateway.mla.spellings import (
    CURRENCY,
    DATE,
    DECIMAL,
    FLAG,
    LOCAL_MOMENT,
    REFERENCE,
    TEXT,
)
from gateway.mla.types.model import ANY_ROLE, REQUESTED, MessageType

TTP_ARR = MessageType(
    name="TTP_ARR",
    title_en="Transfer arrangement",
    title_fr="Organisation du transfèrement",
    senders=ANY_ROLE,
    needs_reply_to=True,
    payload=Block(
        "Transfer arrangement",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must(
                "itinerary",
                MTEXT,
                "Itinerary. Flights or roads, with every State passed through",
                "Itinéraire. Vols ou routes, avec chaque État traversé",
            ),
            must(
                "handover_at", LOCAL_MOMENT, "Time of handing over", "Heure de remise"
            ),
            must("handover_place", TEXT, "Place of handing over", "Lieu de remise"),
            may(
                "escorts",
                TEXTS,
                "Escorts. Name and post of each",
                "Escortes. Nom et fonction de chacun",
            ),
            may("detention_place", TEXT, "Place of detention", "Lieu de détention"),
            may("medical", MTEXT, "Medical needs", "Besoins médicaux"),
        ),
    ),
)

TTP_STS = MessageType(
    name="TTP_STS",
    title_en="Transfer status",
    title_fr="État du transfèrement",
    senders=ANY_ROLE,
    needs_reply_to=True,
    payload=Block(
        "Transfer status",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must(
                "status",
                Choice(("HANDED_OVER", "RETURNED", "RELEASED")),
                "What happened. The other side counts time in custody by it",
                "Ce qui a eu lieu. L'autre partie en déduit le temps de détention",
            ),
            must("at", LOCAL_MOMENT, "When", "Moment"),
            must("place", TEXT, "Where", "Lieu"),
            may("remarks", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)

ASSET_REPORT = Block(
    "Report on an asset",
    (
        must("asset_id", REFERENCE, "Asset, by short id", "Bien, par repère"),
        must(
            "status",
            Choice(
                (
                    "FROZEN",
                    "NOT_FOUND",
                    "PARTIAL",
                    "RELEASED",
                    "CONFISCATED",
                    "REALISED",
                    "RETURNED",
                    "SHARED",
                )
            ),
            "What became of it",
            "Sort du bien",
        ),
        may(
            "value",
            DECIMAL,
            "Value. At the day of the report, with its currency",
            "Valeur. Au jour du rapport, avec sa devise",
        ),
        may("currency", CURRENCY, "Currency", "Devise"),
        must("date", DATE, "On", "Le"),
        may("place", TEXT, "Where", "Lieu"),
        may("term", DATE, "The measure ends on", "La mesure prend fin le"),
        may("review_on", DATE, "Reviewed on", "Réexamen le"),
        may(
            "third_party_claims",
            TEXTS,
            "Claims of third parties. An empty list if none were made",
            "Prétentions de tiers. Liste vide s'il n'y en a pas",
        ),
    ),
)

AST_RPT = MessageType(
    name="AST_RPT",
    title_en="Asset report",
    title_fr="Rapport sur les biens",
    senders=REQUESTED,
    needs_reply_to=True,
    rules=(AMOUNTS_HAVE_CURRENCY,),
    payload=Block(
        "Asset report",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must("assets", ListOf(ASSET_REPORT, least=1), "Each asset", "Chaque bien"),
            may(
                "final",
                FLAG,
                "Whether nothing more will come",
                "Si le rapport est définitif",
            ),
            may("remarks", MTEXT, "Remarks", "Remarques"),
        ),
    ),
)

PAR_RSP = MessageType(
    name="PAR_RSP",
    title_en="Provisional arrest result",
    title_fr="Résultat de l'arrestation provisoire",
    senders=REQUESTED,
    needs_reply_to=True,
    payload=Block(
        "Provisional arrest result",
        (
            may("measure_id", REFERENCE, "Measure", "Mesure"),
            must(
                "result",
                Choice(("ARRESTED", "NOT_FOUND", "REFUSED", "RELEASED")),
                "What came of it",
                "Résultat",
            ),
            must_if(
                when("result", "ARRESTED", "RELEASED"),
                "at",
                LOCAL_MOMENT,
                "When",
                "Moment",
            ),
            may("place", TEXT, "Where", "Lieu"),
            must_if(
                when("result", "ARRESTED"),
                "papers_by",
                DATE,
                "Latest day for the extradition papers. The person is "
                "released after it",
                "Dernier jour pour les pièces d'extradition. Ensuite, la "
                "personne est libérée",
            ),
            may(
                "identity_basis",
                TEXT,
                "How the person was identified. Prints, document or photograph",
                "Base de l'identification. Empreintes, pièce d'identité ou photo",
            ),
            must_if(when("result", "REFUSED"), "reason", MTEXT, "Why", "Motif"),
        ),
    ),
)
