"""What the admin API needs to let people in; built in assembly."""

from dataclasses import dataclass

from gateway.flows.accounts import Accounts
from gateway.flows.failed_logins import FailedLogins
from gateway.flows.passkeys import PasskeyDesk
from gateway.flows.sessions import Sessions
from gateway.flows.sign_in import SigningIn


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountServices:
    """Accounts, sessions and the ways in.

    Attributes:
        failures: Counts wrong tokens and passwords alike.
    """

    sessions: Sessions
    signing_in: SigningIn
    accounts: Accounts
    passkeys: PasskeyDesk
    failures: FailedLogins
