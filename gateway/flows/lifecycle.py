"""What the admin side needs about the life of data, together."""

from dataclasses import dataclass

from gateway.flows.holds import Holds
from gateway.flows.subject_search import SubjectSearch


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Legal holds, and what people may ask about data on them."""

    holds: Holds
    subjects: SubjectSearch
