"""What `doctor` says of the way to a peer, by what stands in it."""

import pytest

from gateway.admin.peer_checks import REMEDIES, remedy_of
from gateway.core.errors import GatewayError, StrangerError, UnreachableError


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (UnreachableError("proxy: no connection to http://p:1"), "proxy"),
        (
            UnreachableError(
                "refused by us: certificate: x; a proxy that inspects TLS has to leave "
                "this peer alone (through http://p:1)"
            ),
            "inspected",
        ),
        (UnreachableError("timeout: no answer within 60 s"), "unreachable"),
        (StrangerError("unknown"), "stranger"),
    ],
)
def test_different_people_mend_different_things(
    error: GatewayError, remedy: str
) -> None:
    assert remedy_of(error) == remedy
    assert remedy in REMEDIES
