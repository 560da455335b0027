"""What `doctor` looks at beyond the flows: disk, keys, certificates, strangers."""

import asyncio
from collections.abc import Iterator, Sequence

from gateway.admin.node_shapes import Check
from gateway.assembly.key_checks import rotation_checks
from gateway.assembly.legal_checks import legal_checks
from gateway.assembly.node import Node
from gateway.assembly.storage import blobs_disk
from gateway.assembly.world import DiskWatch
from gateway.core.errors import KeystoreError
from gateway.core.limits import MIB
from gateway.core.operators import Role, can_act_as
from gateway.core.values import UnixMs, format_time, parse_time
from gateway.keystore.tls_material import end_of_certificate

_DAY_MS = 86_400_000
_WARN_DAYS = 7
_LEAST_APPROVERS = 2


class NodeChecks:
    """Looks at what only the assembled node can see."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def run(self) -> Sequence[Check]:
        """Return one line a check."""
        now = self._node.base.clock.now()
        keyring = self._node.base.keys.keyring
        return [
            self._disk("disk", self._node.base.disk),
            self._disk("disk of evidence", blobs_disk(self._node.base.settings)),
            self._certificate(now),
            *await self._admin_certificate(now),
            self._kem_key(now),
            self._root_keys(),
            self._clock(),
            *await self._time_stamps(),
            await self._on_call(),
            *await asyncio.to_thread(rotation_checks, keyring, now),
            self._four_eyes(),
            *self._siem(),
            *await legal_checks(self._node.base.home, self._node.legal, now),
            *self._strangers(),
        ]

    def _disk(self, name: str, disk: DiskWatch) -> Check:
        free_mib = disk.free_bytes() // MIB
        reserve_mib = self._node.base.settings.storage.reserve_mib
        text = f"{free_mib} MiB free, {reserve_mib} MiB kept in reserve"
        if free_mib < reserve_mib:
            remedy = "free some disk: nothing new is taken"
            return Check(
                name=name,
                level="fail",
                text=text,
                remedy=remedy,
                alert="disk-low",
                subject=name,
            )
        if free_mib < 2 * reserve_mib:
            remedy = "free some disk, or move the home to a larger one"
            return Check(
                name=name,
                level="warn",
                text=text,
                remedy=remedy,
                alert="disk-low",
                subject=name,
            )
        return Check(name=name, level="ok", text=text)

    def _siem(self) -> list[Check]:
        """Look whether log entries reach who watches, if anybody does."""
        siem = self._node.siem
        if not siem.is_configured:
            return []
        if siem.problem:
            return [
                Check(
                    name="siem",
                    level="warn",
                    text=siem.problem,
                    remedy="nothing is lost: entries are sent once it is back; look at "
                    "[siem] and the receiver",
                )
            ]
        return [Check(name="siem", level="ok", text="takes log entries")]

    def _certificate(self, now: UnixMs) -> Check:
        not_after = self._node.base.keys.keyring.tls.not_after
        self._tell_end("peer", not_after, now)
        remedy = "it renews itself; look for keys_not_renewed in the log"
        return _ending("TLS certificate", not_after, now, remedy=remedy)

    async def _admin_certificate(self, now: UnixMs) -> Sequence[Check]:
        """Look at the certificate of the admin API, which people renew."""
        file = self._node.base.settings.admin.tls_certificate
        if file is None:
            return ()
        try:
            not_after = await asyncio.to_thread(end_of_certificate, file)
        except KeystoreError as error:
            return (
                Check(
                    name="admin certificate",
                    level="fail",
                    text=str(error),
                    remedy="put a PEM file there before the next start",
                    alert="certificate-ending",
                    subject="admin certificate",
                ),
            )
        self._tell_end("admin", not_after, now)
        remedy = "renew it at your own PKI, put it in its place, restart the node"
        return (_ending("admin certificate", not_after, now, remedy=remedy),)

    def _tell_end(self, name: str, at: UnixMs, now: UnixMs) -> None:
        self._node.base.metrics.gauge(
            "mla_certificate_expiry_seconds", (at - now) / 1000, name=name
        )

    def _kem_key(self, now: UnixMs) -> Check:
        records = self._node.base.keys.keyring.opening.card_records()
        ends = [record.send_until for record in records]
        last = max(ends, default="")
        if last:
            self._tell_end("sealing", parse_time(last), now)
        text = f"{len(ends)} key(s) to seal to, the last until {last or '-'}"
        if last <= format_time(now):
            return Check(
                name="sealing keys",
                level="fail",
                text=text,
                remedy="restart the node: it makes a new key at start",
                alert="key-ending",
                subject="sealing keys",
            )
        return Check(name="sealing keys", level="ok", text=text)

    def _root_keys(self) -> Check:
        root = self._node.base.home.keys.root
        if any(root.folder.glob("*.key")):
            return Check(
                name="root keys",
                level="warn",
                text=f"the root keys lie on this machine, in {root.folder}",
                remedy="move that folder to offline media, and keep a copy of it",
            )
        return Check(name="root keys", level="ok", text="not on this machine")

    def _clock(self) -> Check:
        if self._node.housekeeping.is_clock_held:
            return Check(
                name="clock",
                level="fail",
                text="no peer has confirmed the time after a jump or a stop; "
                "nothing expires",
                remedy="set the clock right; the first peer that agrees settles it",
                alert="clock-unsure",
            )
        text = "no jump seen, or a peer agrees with the time"
        return Check(name="clock", level="ok", text=text)

    async def _on_call(self) -> Check:
        desk = self._node.desk
        roster = await desk.roster()
        accounts = {one.name for one in self._node.base.directory.operators()}
        strangers = [one.name for one in roster.persons if one.name not in accounts]
        if not roster.persons:
            return Check(
                name="on call",
                level="warn",
                text="nobody is asked in an emergency",
                remedy="name persons in roster.toml: see Deadlines and alarms in the "
                "operators' guide",
            )
        if strangers:
            return Check(
                name="on call",
                level="warn",
                text=f"no accounts of persons on call: {', '.join(strangers)}",
                remedy="operator add, or correct roster.toml",
            )
        if not desk.has_program:
            return Check(
                name="on call",
                level="warn",
                text=f"{len(roster.persons)} person(s), and no program tells them",
                remedy="set notify in section [desk]",
            )
        text = f"{len(roster.persons)} person(s), told by a program"
        return Check(name="on call", level="ok", text=text)

    async def _time_stamps(self) -> Sequence[Check]:
        stamping = self._node.stamping
        if not stamping.is_configured:
            return ()
        standing = await stamping.standing()
        newest = standing.newest
        text = "none yet"
        if newest is not None:
            at, who = format_time(newest.stamp.at), newest.stamp.authority
            text = f"{newest.size} entries stamped by {who} at {at}"
        if not standing.failure:
            return (Check(name="time stamps", level="ok", text=text),)
        return (
            Check(
                name="time stamps",
                level="fail" if standing.is_late else "warn",
                text=f"{text}; last attempt: {standing.failure}",
                remedy="see that tsa and tsa_ca in section [log] are the authority's, "
                "and that it can be reached; try with: mla-gateway audit stamp",
                alert="stamp-late" if standing.is_late else "",
            ),
        )

    def _four_eyes(self) -> Check:
        now = self._node.base.clock.now()
        people = [
            one.name
            for one in self._node.base.directory.operators()
            if can_act_as(one, Role.APPROVER, now)
        ]
        if len(people) >= _LEAST_APPROVERS:
            text = f"{len(people)} people in role approver"
            return Check(name="four eyes", level="ok", text=text)
        return Check(
            name="four eyes",
            level="warn",
            text=f"{len(people) or 'nobody'} in role approver with a valid token: what "
            "they ask for themselves needs no second person",
            remedy="add people: mla-gateway operator add NAME --role approver",
        )

    def _strangers(self) -> Iterator[Check]:
        for stranger in self._node.base.strangers.recent()[-5:]:
            shown = stranger.fingerprint or "no certificate"
            yield Check(
                name="refused at the peer door",
                level="warn",
                text=f"{stranger.address}, {shown}: {stranger.reason} "
                f"({stranger.times} times, last {format_time(stranger.last_at)})",
                remedy="if this is a peer, add or update its card",
            )


def _ending(name: str, at: UnixMs, now: UnixMs, *, remedy: str) -> Check:
    days = (at - now) // _DAY_MS
    text = f"ends {format_time(at)}, in {days} days"
    if days < _WARN_DAYS:
        return Check(
            name=name,
            level="warn" if at > now else "fail",
            text=text,
            remedy=remedy,
            alert="certificate-ending",
            subject=name,
        )
    return Check(name=name, level="ok", text=text)
