"""The fields that all requests for a measure share.

After UN Convention against Transnational Organized Crime, article 18(15); European
Convention on Mutual Assistance, article 14; Directive 2014/41/EU, annex A. A request
of another leading measure declares that measure's block as mandatory and takes the
rest from here; several measures of different kinds may share one request.
"""

from collections.abc import Collection

from gateway.mla.blocks import (
    FACTS,
    IDENTIFIER,
    MEASURE,
    NECESSITY,
    NOT_ONLY_SERVICE_OR_RECORDS,
    OFFENCE,
    PROCEEDINGS,
)
from gateway.mla.circumstances import (
    COSTS,
    EMERGENCY,
    RELATED,
    REMEDIES,
    TRANSLATION,
)
from gateway.mla.demanded import DEMANDED_FIELDS
from gateway.mla.fields import Code, Field, ListOf, may, must, must_if, when
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import AUTHORITY, MTEXT, PERSON, TEXTS
from gateway.mla.spellings import DATE

REQUESTING_AUTHORITY = must(
    "requesting_authority",
    AUTHORITY,
    "Authority that asks. Court, prosecutor or office in whose name it goes out",
    "Autorité requérante. Juridiction, parquet ou service au nom duquel elle part",
)
VALIDATING_AUTHORITY = may(
    "validating_authority",
    AUTHORITY,
    "Authority that validated the request. Needed where the one that asks is neither "
    "court nor prosecutor",
    "Autorité de validation. Nécessaire si l'autorité requérante n'est ni une "
    "juridiction ni un ministère public",
)
OFFENCES = must(
    "offences",
    ListOf(OFFENCE, least=1),
    "The offences. Each with its provision and, where dual criminality may be looked "
    "at, the wording of the law",
    "Les infractions. Chacune avec sa disposition et, si la double incrimination peut "
    "être examinée, le texte de loi",
)
NECESSITY_FIELD = must(
    "necessity",
    NECESSITY,
    "Why it is needed. Say it for this case; a general phrase will be asked back",
    "La nécessité. À motiver pour l'affaire ; une formule générale ne suffit pas",
)
URGENCY_REASON = must_if(
    when("/urgency", "URGENT"),
    "urgency_reason",
    Code("URGENCY_REASON"),
    "Why it is urgent",
    "Motif d'urgence",
)
NOTICE_DELAY = may(
    "notice_delay",
    ListOf(Code("NOTICE_DELAY")),
    "Why the person is not told yet. The other side keeps silent "
    "only if you ask for it",
    "Motifs de ne pas informer la personne. L'autre partie ne "
    "garde le silence que si vous le demandez",
)

_CORE = (
    REQUESTING_AUTHORITY,
    VALIDATING_AUTHORITY,
    must(
        "proceedings",
        PROCEEDINGS,
        "The proceedings it is for. The answer may be used in them alone",
        "La procédure concernée. La réponse ne peut servir qu'à celle-ci",
    ),
    must_if(
        NOT_ONLY_SERVICE_OR_RECORDS,
        "facts",
        FACTS,
        "The facts. Tell them so that dual criminality can be judged",
        "Les faits. Les exposer pour que la double incrimination soit appréciée",
    ),
    OFFENCES,
    may(
        "persons",
        ListOf(PERSON),
        "Persons, where known. Give each a short id; measures refer to it",
        "Les personnes. Donner à chacune un repère ; les mesures y renvoient",
    ),
    must(
        "measures",
        ListOf(MEASURE, least=1),
        "What is asked. One entry for each measure, so that each can be decided and "
        "answered by itself",
        "Les mesures demandées. Une entrée par mesure, pour que chacune soit "
        "décidée et exécutée séparément",
    ),
    may("identifiers", ListOf(IDENTIFIER), "Identifiers", "Identifiants"),
    NECESSITY_FIELD,
    must_if(
        when("/urgency", "PRIORITY", "URGENT"),
        "needed_by",
        DATE,
        "Needed by. A day with a reason, such as the trial",
        "Nécessaire avant le. Un jour motivé, comme l'audience",
    ),
    URGENCY_REASON,
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
    may(
        "remedies",
        REMEDIES,
        "Remedies. Whether anybody challenged the request at home",
        "Voies de recours. Si la demande a été contestée dans votre État",
    ),
    NOTICE_DELAY,
    may("costs", COSTS, "Costs", "Frais"),
    may(
        "assurances",
        MTEXT,
        "Assurances given. Such as that no death penalty will be asked for",
        "Garanties données. Par exemple que la peine de mort ne sera pas requise",
    ),
    may(
        "translations",
        ListOf(TRANSLATION),
        "Translations attached",
        "Traductions jointes",
    ),
    *DEMANDED_FIELDS,
)
_LAST = may("manifest", MANIFEST, "Items that come with it", "Pièces jointes")


def request_fields(*own: Field, without: Collection[str] = ()) -> tuple[Field, ...]:
    """Return the fields of a request: the shared ones, then those of its own.

    Args:
        own: Fields that the type adds, or declares in another way than is usual.
        without: Names of shared fields that the type does not have.
    """
    named = {field.name for field in own} | set(without)
    shared = tuple(field for field in _CORE if field.name not in named)
    return (*shared, *own, _LAST)
