"""The flows about the life of data, joined."""

from gateway.flows.exchange import Exchange
from gateway.flows.holds import Holds
from gateway.flows.lifecycle import Lifecycle
from gateway.flows.subject_search import SubjectSearch
from gateway.flows.subjects import SubjectIndex
from gateway.ports.subjects import SubjectTagger


def join_lifecycle(exchange: Exchange, tagger: SubjectTagger) -> Lifecycle:
    """Return the flows of holds and of people in messages."""
    index = SubjectIndex(tagger)
    return Lifecycle(
        holds=Holds(exchange, index),
        subjects=SubjectSearch(exchange, index),
    )
