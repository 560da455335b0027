"""Calls to witnesses that are no peers: a university, an auditor, a public one.

Over HTTPS with the system's roots: whoever answers there, only lines under the keys of
our configuration count. No redirects, no cookies, no encoding.
"""

import asyncio
import io

import aiohttp

from gateway.core.errors import UnreachableError
from gateway.core.protocol import NOTE_MEDIA_TYPE
from gateway.ports.witness import WitnessAnswer
from gateway.transport.failures import unreachable
from gateway.transport.sessions import bounded_session
from gateway.transport.witness_answers import take_witness_answer

_TOTAL_S = 15.0
_HEADERS = {
    "User-Agent": "mla-gateway",
    "Accept-Encoding": "identity",
    "Content-Type": NOTE_MEDIA_TYPE,
}


class WitnessClient:
    """Implements `OutsideWitnesses`. A connection for each call: there are few."""

    async def add_checkpoint(self, url: str, body: bytes) -> WitnessAnswer:
        """Ask the witness at an address to cosign.

        Raises:
            UnreachableError: No connection, or no answer within 15 s.
            MalformedError: An answer over its limits.
        """
        try:
            async with asyncio.timeout(_TOTAL_S), bounded_session() as session:
                return await self._ask(session, url, body)
        except TimeoutError as error:
            raise UnreachableError("timeout: no answer within 15 s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(error) from error

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        url: str,
        body: bytes,
    ) -> WitnessAnswer:
        async with session.post(
            f"{url.rstrip('/')}/add-checkpoint",
            # A file, because the library warns of large bytes.
            data=io.BytesIO(body),
            headers=_HEADERS,
            allow_redirects=False,
        ) as response:
            return await take_witness_answer(response)
