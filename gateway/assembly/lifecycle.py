"""The flows about the life of data, joined."""

from gateway.config.retention import RetentionSettings
from gateway.flows.disposing import Disposing
from gateway.flows.erasure import Erasure
from gateway.flows.exchange import Exchange
from gateway.flows.holds import Holds
from gateway.flows.lifecycle import Lifecycle
from gateway.flows.retention import Retention
from gateway.flows.subject_search import SubjectSearch
from gateway.flows.subjects import SubjectIndex
from gateway.flows.supervision import Supervision
from gateway.ports.subjects import SubjectTagger


def join_lifecycle(
    exchange: Exchange,
    erasure: Erasure,
    tagger: SubjectTagger,
    settings: RetentionSettings,
) -> Lifecycle:
    """Return the flows of retention, of holds, and of people in messages."""
    index = SubjectIndex(tagger)
    return Lifecycle(
        retention=Retention(
            exchange,
            erasure,
            periods=settings.periods(),
            log_days=settings.log_days,
        ),
        disposing=Disposing(exchange),
        holds=Holds(exchange, index),
        subjects=SubjectSearch(exchange, index),
        supervision=Supervision(exchange),
    )
