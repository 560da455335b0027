"""The lines that the integrator's guide gives to verify a webhook do verify one."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

import pytest

from gateway.core.values import UnixMs
from gateway.core.webhooks import Told, headers_of, new_secret, parse_secret

GUIDE = Path(__file__).parent.parent / "docs/integrators.md"
AT_S = 1_700_000_000
TOLD = Told("evt_1", "message.received", b'{"type":"message.received"}')


class Verified(Protocol):
    """The function of the guide."""

    def __call__(
        self, headers: Mapping[str, str], body: bytes, secret: str, now: float
    ) -> str | None: ...


@pytest.fixture(scope="module")
def verified() -> Verified:
    text = GUIDE.read_text(encoding="utf-8").partition("## Be told: webhooks")[2]
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example
    names: dict[str, object] = {}
    exec(example[1], names)  # noqa: S102 - it is what readers will run
    return cast("Verified", names["verified"])


def test_a_call_of_the_node_is_recognised(verified: Verified) -> None:
    secret = new_secret()
    headers = headers_of([secret], TOLD, UnixMs(AT_S * 1000))
    assert verified(headers, TOLD.body, secret.text, now=AT_S + 299) == "evt_1"
    assert verified(headers, TOLD.body, secret.text, now=AT_S + 301) is None
    assert verified(headers, TOLD.body + b" ", secret.text, now=AT_S) is None
    assert verified(headers, TOLD.body, new_secret().text, now=AT_S) is None
    changed = headers | {"webhook-id": "evt_2"}
    assert verified(changed, TOLD.body, secret.text, now=AT_S) is None


def test_either_secret_of_a_rotation_will_do(verified: Verified) -> None:
    old, new = new_secret(), new_secret()
    headers = headers_of([new, old], TOLD, UnixMs(AT_S * 1000))
    for secret in (old, new):
        assert verified(headers, TOLD.body, secret.text, now=AT_S) == "evt_1"


def test_the_published_vector_is_recognised(verified: Verified) -> None:
    secret = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = b'{"test": 2432232314}'
    assert verified(headers, body, secret.text, now=1614265330)
