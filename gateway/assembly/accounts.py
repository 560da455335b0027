"""Accounts, sessions and the ways in, joined."""

from collections.abc import Callable

from gateway.admin.account_services import AccountServices
from gateway.config.oidc import OidcSettings
from gateway.core.errors import ConfigError, KeystoreError
from gateway.core.operators import Operator
from gateway.core.sessions import SessionTimes
from gateway.flows.accounts import Accounts
from gateway.flows.failed_logins import FailedLogins
from gateway.flows.operators import Operators
from gateway.flows.passkeys import PasskeyDesk
from gateway.flows.sessions import Sessions
from gateway.flows.sign_in import PasswordCheck, SigningIn
from gateway.keystore.files import read_private
from gateway.ports.sign_in import Passwords, SingleSignOn
from gateway.ports.store import Store
from gateway.ports.world import Clock
from gateway.signin.passkeys import WebauthnPasskeys
from gateway.signin.sso import NoSingleSignOn, OpenIdConnect, SsoPlan

_MAX_SECRET = 4_096
_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS


def session_times(*, idle_minutes: int, hours: int) -> SessionTimes:
    """Return how long sessions live, by the settings."""
    return SessionTimes(idle_minutes * _MINUTE_MS, hours * _HOUR_MS)


def single_sign_on(settings: OidcSettings, clock: Clock) -> SingleSignOn:
    """Return the single sign-on that the settings name, if they name one.

    Raises:
        ConfigError: There is no client id, or the secret can't be read.
    """
    if not settings.issuer:
        return NoSingleSignOn()
    if not settings.client_id:
        raise ConfigError("oidc.client_id: expected with oidc.issuer")
    secret = ""
    if settings.client_secret_file is not None:
        try:
            raw = read_private(settings.client_secret_file, max_bytes=_MAX_SECRET)
        except KeystoreError as error:
            raise ConfigError(f"oidc.client_secret_file: {error}") from error
        secret = raw.decode(errors="replace").strip()
    plan = SsoPlan(
        issuer=settings.issuer,
        name=settings.name,
        client_id=settings.client_id,
        secret=secret,
        ca_file=str(settings.ca_file or ""),
        subject_claim=settings.subject_claim,
        roles_claim=settings.roles_claim,
        roles=settings.role_of_group(),
    )
    return OpenIdConnect(plan, clock)


def join_accounts(  # noqa: PLR0913 - everything that lets people in
    store: Store,
    operators: Operators,
    find_operator: Callable[[str], Operator | None],
    clock: Clock,
    *,
    passwords: Passwords,
    times: SessionTimes,
    sso: SingleSignOn,
) -> AccountServices:
    """Return what lets people in."""
    sessions = Sessions(store, find_operator, clock, times)
    failures = FailedLogins(store, clock)
    checks = PasswordCheck(passwords, sessions, failures, clock)
    return AccountServices(
        sessions=sessions,
        signing_in=SigningIn(
            find_operator, sessions, checks, sso=sso, operators=operators.all
        ),
        accounts=Accounts(operators, sessions, checks, clock),
        passkeys=PasskeyDesk(
            WebauthnPasskeys(), operators.all, sessions, checks, clock
        ),
        failures=failures,
    )
