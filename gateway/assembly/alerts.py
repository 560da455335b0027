"""Alerts of a node, joined: what is looked at, and where people are told."""

from collections.abc import Awaitable, Callable, Sequence

from gateway.admin.node_shapes import Check
from gateway.config.alerts import AlertSettings, parse_mail_server
from gateway.core.alerts import AlertPolicy, Condition, Severity
from gateway.core.errors import KeystoreError
from gateway.flows.alert_mail import AlertMail
from gateway.flows.alert_webhooks import alert_webhooks
from gateway.flows.alerts import Alerts, Look
from gateway.flows.exchange import Exchange
from gateway.flows.webhooks import Webhooks
from gateway.keystore.files import read_private
from gateway.ports.alerts import AlertChannel
from gateway.telemetry.mail import MailRoute, SmtpMailer

_HOUR_MS = 3_600_000
_MAX_PASSWORD_BYTES = 1024


def join_alerts(
    exchange: Exchange, settings: AlertSettings, webhooks: Webhooks
) -> Alerts:
    """Return the alerts of a node.

    Args:
        exchange: Whose store, clock and figures are used.
        settings: What `[alerts]` says.
        webhooks: Endpoints that may ask to be told.
    """
    mails = _mails(exchange, settings)

    async def current() -> Sequence[AlertChannel]:
        return [*mails, *await alert_webhooks(webhooks)]

    return Alerts(
        exchange.store,
        exchange.clock,
        exchange.metrics,
        AlertPolicy(repeat_ms=settings.repeat_hours * _HOUR_MS),
        current,
    )


def look_by(checks: Callable[[], Awaitable[Sequence[Check]]]) -> Look:
    """Return what looks for conditions: the same checks that people are shown."""

    async def look() -> Sequence[Condition]:
        return conditions_of(await checks())

    return look


def conditions_of(checks: Sequence[Check]) -> Sequence[Condition]:
    """Return what of the checks is an alert."""
    return [
        Condition(
            name=check.alert,
            subject=check.subject,
            severity=Severity.CRITICAL if check.level == "fail" else Severity.WARNING,
            text=check.text,
            remedy=check.remedy,
        )
        for check in checks
        if check.alert and check.level != "ok"
    ]


def _mails(exchange: Exchange, settings: AlertSettings) -> Sequence[AlertChannel]:
    if settings.mail_server is None or settings.mail_from is None:
        return ()
    host, port = parse_mail_server(settings.mail_server)
    route = MailRoute(
        host=host,
        port=port,
        security=settings.mail_security,
        ca_file=settings.mail_ca,
        user=settings.mail_user or "",
        password=lambda: _password(settings),
        sender=settings.mail_from,
        recipients=settings.mail_to,
    )
    mail = AlertMail(
        SmtpMailer(route),
        exchange.clock,
        ourselves=exchange.ourselves,
        least=Severity(settings.mail_least),
    )
    return (mail,)


def _password(settings: AlertSettings) -> str:
    """Return the password for the mail server.

    Raises:
        KeystoreError: Its file can't be read, others could, or it is not text.
    """
    file = settings.mail_password_file
    if file is None:
        return ""
    try:
        return read_private(file, max_bytes=_MAX_PASSWORD_BYTES).decode().strip()
    except UnicodeDecodeError as error:
        raise KeystoreError(f"{file}: is not text") from error
