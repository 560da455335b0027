"""What the admin side needs about the life of data, together."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.values import MessageId
from gateway.flows.disposing import Disposing
from gateway.flows.holds import Holds
from gateway.flows.retention import Retention
from gateway.flows.subject_search import SubjectSearch
from gateway.flows.supervision import Supervision


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Retention, legal holds, what people may ask, and the log for those who look."""

    retention: Retention
    disposing: Disposing
    holds: Holds
    subjects: SubjectSearch
    supervision: Supervision


def ids_subject(ids: Iterable[MessageId]) -> str:
    """Return what a second person approves when messages are to be erased.

    The same messages, in whatever order, are the same subject; one more is another.
    """
    joined = "\n".join(sorted(ids))
    return f"erase {hashlib.sha256(joined.encode()).hexdigest()[:32]}"
