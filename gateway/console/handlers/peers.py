"""The peers: how exchange goes, whether they answer, and what is allowed them."""

from dataclasses import dataclass
from itertools import zip_longest

from gateway.admin.halt_shapes import Exchanged
from gateway.admin.node_shapes import OwnCard, Peer, PeerList, PeerPing
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.errors import GatewayError, UsageError

_GROUP = 4
_DIGITS = frozenset("0123456789abcdef")
_NUMBERS = ("upload_kib_s", "max_evidence_gib")


@dataclass(frozen=True, slots=True)
class Group:
    """Four digits of a fingerprint beside those that somebody was told."""

    ours: str
    told: str

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        return self.ours == self.told


@dataclass(frozen=True, slots=True)
class Compared:
    """A fingerprint beside what somebody was told, group by group."""

    groups: tuple[Group, ...]

    @property
    def agrees(self) -> bool:
        """Whether all of it is the same."""
        return all(group.agrees for group in self.groups)


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of calling a peer: an answer, or why there is none."""

    ping: PeerPing | None = None
    code: str = ""
    reason: str = ""


async def peers(visit: Visit) -> Outcome:
    """Show all peers, those in trouble first."""
    found = await visit.ask(PeerList, "list_peers")
    shown = sorted(found.items, key=_most_troubled)
    return View(template="peers/list.html", values={"peers": shown})


async def peer(visit: Visit) -> Outcome:
    """Show one peer."""
    return await _page(visit)


async def test(visit: Visit) -> Outcome:
    """Call the peer's node, and show what came of it."""
    try:
        return await _page(visit, Tested(await visit.ask(PeerPing, "ping_peer")))
    except GatewayError as error:
        return await _page(visit, Tested(code=error.code, reason=str(error)))


async def pause(visit: Visit) -> Outcome:
    """Send it nothing for now."""
    await visit.do("pause_peer")
    return _back(visit, visit.say("Nothing is sent to it for now."))


async def resume(visit: Visit) -> Outcome:
    """Send to it again."""
    await visit.do("resume_peer")
    return _back(visit, visit.say("Messages go to it again."))


async def limit(visit: Visit) -> Outcome:
    """Change how evidence may travel."""
    body: dict[str, object] = {"upload_hours": visit.form.text("upload_hours")}
    for name in _NUMBERS:
        text = visit.form.text(name)
        if not (text.isascii() and text.isdigit() and len(text) < len(str(2**31))):
            raise UsageError(
                visit.say("%(given)s is no whole number.", given=text[:40])
            )
        body[name] = int(text)
    await visit.do("limit_peer", body=body)
    return _back(visit, visit.say("The limits hold from now on."))


async def incident(visit: Visit) -> Outcome:
    """Stop both directions at once."""
    since = visit.form.text("since")
    body = {"reason": visit.form.text("reason")}
    if since:
        # What a browser calls a local date and time; it is asked for in UTC.
        body["since"] = moment_of(visit, since)
    await visit.do("begin_incident", body=body)
    to = f"{PREFIX}/peers/{visit.segments['peer']}/exchanged"
    return Redirect(to=to, notice=visit.say("Nothing goes either way any more."))


async def exchanged(visit: Visit) -> Outcome:
    """Show what went between us and it, and how much was opened."""
    found = await visit.ask(
        Exchanged, "show_exchanged", query=visit.query.given("since")
    )
    return View(template="peers/exchanged.html", values={"found": found})


def moment_of(visit: Visit, text: str) -> str:
    """Return a date and time of a form, which is UTC, as the API spells it.

    Raises:
        UsageError: It is none.
    """
    day, mark, time = text.partition("T")
    if not mark:
        raise UsageError(visit.say("%(given)s is no moment.", given=text[:40]))
    seconds = time if time.count(":") > 1 else f"{time}:00"
    return f"{day}T{seconds}.000Z"


def compared(fingerprint: str, told: str) -> Compared | None:
    """Return a fingerprint beside what somebody was told; None if that is nothing."""
    digits = "".join(one for one in told.lower() if one in _DIGITS)
    if not digits:
        return None
    pairs = zip_longest(_groups(fingerprint), _groups(digits), fillvalue="")
    return Compared(tuple(Group(ours, theirs) for ours, theirs in pairs))


def _groups(digits: str) -> list[str]:
    return [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]


async def _page(visit: Visit, tested: Tested | None = None) -> View:
    shown = await visit.ask(Peer, "show_peer")
    own = await visit.ask(OwnCard, "own_card")
    told = visit.query.text("told")
    values = {
        "peer": shown,
        "own": own,
        "told": told,
        "compared": compared(shown.fingerprint, told),
        "groups": _groups,
        "tested": tested,
    }
    return View(template="peers/peer.html", values=values)


def _back(visit: Visit, notice: str) -> Redirect:
    return Redirect(to=f"{PREFIX}/peers/{visit.segments['peer']}", notice=notice)


def _most_troubled(peer: Peer) -> tuple[bool, int, int, str]:
    return (peer.incident is None, -peer.failures, -peer.queued, peer.id)
