"""Accounts, sessions and the ways in, joined."""

from collections.abc import Callable

from gateway.admin.account_services import AccountServices
from gateway.core.operators import Operator
from gateway.core.sessions import SessionTimes
from gateway.flows.accounts import Accounts
from gateway.flows.failed_logins import FailedLogins
from gateway.flows.operators import Operators
from gateway.flows.passkeys import PasskeyDesk
from gateway.flows.sessions import Sessions
from gateway.flows.sign_in import PasswordCheck, SigningIn
from gateway.ports.sign_in import Passwords
from gateway.ports.store import Store
from gateway.ports.world import Clock
from gateway.signin.passkeys import WebauthnPasskeys

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS


def session_times(*, idle_minutes: int, hours: int) -> SessionTimes:
    """Return how long sessions live, by the settings."""
    return SessionTimes(idle_minutes * _MINUTE_MS, hours * _HOUR_MS)


def join_accounts(
    store: Store,
    operators: Operators,
    find_operator: Callable[[str], Operator | None],
    clock: Clock,
    *,
    passwords: Passwords,
    times: SessionTimes,
) -> AccountServices:
    """Return what lets people in."""
    sessions = Sessions(store, find_operator, clock, times)
    failures = FailedLogins(store, clock)
    checks = PasswordCheck(passwords, sessions, failures, clock)
    return AccountServices(
        sessions=sessions,
        signing_in=SigningIn(find_operator, sessions, checks),
        accounts=Accounts(operators, sessions, checks, clock),
        passkeys=PasskeyDesk(
            WebauthnPasskeys(), operators.all, sessions, checks, clock
        ),
        failures=failures,
    )
