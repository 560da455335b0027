"""Mails about alerts: everything that is due in one mail, in a few plain lines.

What was seen in detail stays here: a mail holds texts of ours and names of peers,
witnesses, disks and keys, and never anything of a case.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from gateway.core.alerts import ALERTS, AlertStep, Severity
from gateway.core.values import format_time
from gateway.ports.alerts import AlertEvent, Mailer
from gateway.ports.world import Clock

RUNBOOKS: Final = "docs/runbooks.md"

_MINUTE_MS: Final = 60_000
_PAUSE_MS: Final = 5 * _MINUTE_MS
_FOOT: Final = """\
Details: mla-gateway alert list, or page Alerts of the console.
Nobody is reminded of an alert once it is acknowledged: mla-gateway alert ack NUMBER
"""
_WORDS: Final = {
    AlertStep.RAISED: "since {raised}",
    AlertStep.WORSENED: "got worse at {at}, since {raised}",
    AlertStep.REPEATED: "still so, since {raised}",
    AlertStep.RESOLVED: "resolved at {at}, was so since {raised}",
}


class AlertMail:
    """Tells people of alerts by mail. Implements `AlertChannel`.

    Args:
        mailer: Hands mails to the server.
        clock: The time.
        ourselves: Whose node this is.
        least: Less grave alerts are not told of.
    """

    name = "mail"
    pause_ms = _PAUSE_MS

    def __init__(
        self, mailer: Mailer, clock: Clock, *, ourselves: str, least: Severity
    ) -> None:
        self._mailer = mailer
        self._clock = clock
        self._ourselves = ourselves
        self._least = least

    def wants(self, event: AlertEvent) -> bool:
        """Tell whether it tells of such events at all."""
        return event.severity.rank >= self._least.rank

    async def tell(self, events: Sequence[AlertEvent]) -> None:
        """Send one mail about all events.

        Raises:
            GatewayError: It was not taken.
        """
        numbers = f"{self._ourselves}/{events[0].number}-{events[-1].number}"
        await self._mailer.send(
            hashlib.sha256(f"mla-alert-mail/1/{numbers}".encode()).hexdigest()[:32],
            self._subject(events),
            self._text(events),
        )

    async def test(self) -> None:
        """Send a mail that says that it is a test.

        Raises:
            GatewayError: It was not taken.
        """
        now = format_time(self._clock.now())
        mail_id = hashlib.sha256(f"mla-alert-test/1/{now}".encode()).hexdigest()[:32]
        await self._mailer.send(
            mail_id,
            f"[MLA gateway {self._ourselves}] test: nothing has happened",
            f"This is a test of the mails about alerts, asked for at {now}.\n",
        )

    def _subject(self, events: Sequence[AlertEvent]) -> str:
        open_now = {e.alert.number: e for e in events if e.alert.is_open}.values()
        worst = max(
            (e.alert.seen.severity for e in open_now),
            key=lambda severity: severity.rank,
            default=None,
        )
        if len({e.alert.number for e in events}) == 1:
            seen = events[-1].alert.seen
            about = f" ({seen.subject})" if seen.subject else ""
            told = f"{ALERTS[seen.name].title}{about}"
        else:
            ended = sum(e.step is AlertStep.RESOLVED for e in events)
            told = f"{len(open_now)} alerts, {ended} resolved"
        return f"[MLA gateway {self._ourselves}] {worst or 'resolved'}: {told}"

    def _text(self, events: Sequence[AlertEvent]) -> str:
        told = [
            f"Alerts of the MLA gateway of {self._ourselves}, times in UTC.",
            *(_paragraph(event) for event in events),
            _FOOT,
        ]
        return "\n\n".join(told)


def _paragraph(event: AlertEvent) -> str:
    alert = event.alert
    seen = alert.seen
    when = _WORDS[event.step].format(
        at=format_time(event.at), raised=format_time(alert.raised_at)
    )
    about = f" {seen.subject}" if seen.subject else ""
    lines = [
        f"{event.severity.upper()}  {ALERTS[seen.name].title}",
        f"  alert {alert.number}, {seen.name}{about}: {when}",
    ]
    if event.step is not AlertStep.RESOLVED:
        lines += [
            f"  what to do: {seen.remedy}",
            f"  more: {RUNBOOKS}#{seen.name}",
        ]
    return "\n".join(lines)
