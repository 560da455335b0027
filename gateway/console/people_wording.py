"""What approvals, roles and tasks are called on pages; translated where shown."""

from collections.abc import Mapping
from typing import Final

from gateway.console.language import mark
from gateway.core.operators import Role
from gateway.ports.approvals import ApprovalKind, ApprovalState

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    ApprovalKind.RELEASE: (
        mark("Send a message"),
        mark("The message is sealed and sent at once."),
    ),
    ApprovalKind.OPEN: (
        mark("Open a message"),
        mark("Who asked may open the message once, within 12 hours."),
    ),
    ApprovalKind.ORIGINAL: (
        mark("See the original of a redacted copy"),
        mark("Who asked may see the original once, within 12 hours."),
    ),
    ApprovalKind.SEARCH: (
        mark("Search for a person"),
        mark("Who asked may search for this person once, within a day."),
    ),
    ApprovalKind.ERASE: (
        mark("Erase for good"),
        mark("Who asked may erase exactly these messages once, within a day."),
    ),
    ApprovalKind.TRUST: (
        mark("Trust a peer"),
        mark("The card is taken and the node exchanges messages with this peer."),
    ),
    ApprovalKind.REENABLE: (
        mark("Exchange with a peer again"),
        mark("The incident ends; messages go both ways again."),
    ),
    ApprovalKind.ROLES: (
        mark("Give roles"),
        mark("The account gets these roles at once."),
    ),
    ApprovalKind.LOGIN: (
        mark("Way to log in"),
        mark("Who asked may make it once, within a day, and will see its secret."),
    ),
}
"""What each kind is called, and what approving it does."""

STATES: Final[Mapping[str, tuple[str, str]]] = {
    ApprovalState.WAITING: (mark("waiting"), "wait"),
    ApprovalState.APPROVED: (mark("approved, not used yet"), "new"),
    ApprovalState.DONE: (mark("done"), "good"),
    ApprovalState.REJECTED: (mark("rejected"), "bad"),
    ApprovalState.EXPIRED: (mark("nobody decided in time"), "idle"),
    ApprovalState.WITHDRAWN: (mark("withdrawn"), "idle"),
}

ROLES: Final[Mapping[str, str]] = {
    Role.OBSERVER: mark("sees where messages are"),
    Role.CASEWORKER: mark("submits, opens and confirms"),
    Role.APPROVER: mark("second pair of eyes"),
    Role.OPERATOR: mark("looks after queues and connections"),
    Role.AUDITOR: mark("checks the log"),
    Role.SECURITY: mark("changes trust, keys and people"),
}

TASKS: Final[Mapping[str, str]] = {
    "unit": mark("unit"),
    "case": mark("case"),
    "alarm": mark("alarm"),
    "approval": mark("approval"),
    "hold": mark("legal hold"),
    "reader": mark("named reader of a case"),
    "files": mark("right to fetch files"),
    "roster": mark("roster of people on call: take the name out of the file"),
}
