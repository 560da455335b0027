"""Time stamps through the served API."""

import base64
import json

import pytest

from gateway.admin.stamp_shapes import StampsQuery
from gateway.client import calls
from gateway.core.errors import ConflictError, VerificationError
from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs
from tests.support.admin_api import AdminNode


class Clerk:
    """Implements `TimeStamping`: stamps once."""

    def __init__(self) -> None:
        self.asked = 0

    async def stamp(self, _text: bytes) -> TimeStamp:
        self.asked += 1
        if self.asked > 1:
            raise VerificationError("time stamp: Nonce mismatch")
        return TimeStamp(b"answer", "CN=Clerk", UnixMs(10**12), UnixMs(10**13))


async def test_without_an_authority_there_are_none(node: AdminNode) -> None:
    async with node.client("auditor") as client:
        shown = await client.send(calls.log_stamps(StampsQuery()))
        assert (shown.items, shown.configured, shown.failure) == ((), False, "")
        with pytest.raises(ConflictError, match="tsa_ca"):
            await client.send(calls.stamp_log())


async def test_stamps_are_made_shown_and_their_failures_told(node: AdminNode) -> None:
    node.services.stamping._authority = Clerk()
    async with node.client("auditor") as client:
        made = await client.send(calls.stamp_log())
        assert base64.b64decode(made.response) == b"answer"
        assert made.text.splitlines()[1] == str(made.size)
        assert await client.send(calls.stamp_log()) == made

        # Looking at the log is logged, so there is something to stamp again.
        entry = await client.send(calls.log_entry(made.index))
        assert json.loads(entry.leaf)["dig"] == made.digest
        with pytest.raises(VerificationError, match="Nonce mismatch"):
            await client.send(calls.stamp_log())
        shown = await client.send(calls.log_stamps(StampsQuery(limit=1)))
        assert shown.items == (made,)
        assert shown.configured
        assert shown.failure == "verification-failed: time stamp: Nonce mismatch"
        older = await client.send(calls.log_stamps(StampsQuery(before=made.size)))
        assert older.items == ()
