"""Webhooks: signatures, ids, and what follows from a failure."""

import base64
import json
from dataclasses import replace

import pytest

from gateway.core.alerts import Condition, Severity
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import NEVER, UnixMs
from gateway.core.webhooks import (
    EVENTS,
    Answer,
    Disabled,
    Told,
    ToldChange,
    after_failure,
    check_events,
    check_webhook_name,
    headers_of,
    new_secret,
    parse_secret,
    told_as_test,
    told_of,
    told_of_alert,
)

NOW = UnixMs(1_700_000_000_000)
DAY_MS = 86_400_000
CHANGE = ToldChange(
    cursor=7,
    at=NOW,
    box="out",
    message_id="0192d1f0-0000-7000-8000-000000000001",
    peer="moj.fr",
    state="delivered",
    log_index=41,
)


def test_the_published_vector_of_standard_webhooks() -> None:
    secret = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = Told("msg_p5jXN8AQM9LWM0D4loKWxJek", "", b'{"test": 2432232314}')
    headers = headers_of([secret], told, UnixMs(1_614_265_330_000))
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_give_two_signatures() -> None:
    old, new = new_secret(), new_secret()
    told = Told("evt_1", "", b"{}")
    both = headers_of([new, old], told, NOW)["webhook-signature"].split(" ")
    each = [headers_of([one], told, NOW)["webhook-signature"] for one in (new, old)]
    assert both == each
    assert each[0] != each[1]


def test_a_secret_shows_in_its_text_only() -> None:
    secret = new_secret()
    assert len(secret.raw) == 32
    assert parse_secret(secret.text).raw == secret.raw
    assert secret.text not in repr(secret)
    assert repr(secret.raw) not in repr(secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "whsec_!!!!",
        "whsec_é",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)
def test_other_secrets_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_secret(text)
    assert str(caught.value) == "secret: expected whsec_ and 24 to 64 bytes in base64"


def test_what_is_told_of_a_change_is_metadata() -> None:
    told = told_of(replace(CHANGE, msg_type="MLA_REQ", case_id="c-1"))
    assert told.event == "message.delivered"
    assert json.loads(told.body) == {
        "type": "message.delivered",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "data": {
            "box": "out",
            "case": "c-1",
            "cursor": 7,
            "id": CHANGE.message_id,
            "index": 41,
            "peer": "moj.fr",
            "state": "delivered",
            "type": "MLA_REQ",
        },
    }
    assert "case" not in json.loads(told_of(CHANGE).body)["data"]


def test_the_id_is_that_of_the_change() -> None:
    first = told_of(CHANGE).event_id
    assert told_of(replace(CHANGE, cursor=9, case_id="c")).event_id == first
    assert told_of(replace(CHANGE, log_index=42)).event_id != first
    assert told_of(replace(CHANGE, state="opened")).event_id != first


def test_a_test_tells_nothing_and_never_has_the_id_of_another() -> None:
    first, second = told_as_test("cms", NOW), told_as_test("cms", NOW)
    assert first.event_id != second.event_id
    assert json.loads(first.body)["data"] == {"webhook": "cms"}


def test_events_are_those_of_states() -> None:
    assert "message.received" in EVENTS
    assert check_events(["message.opened", "message.delivered", "message.opened"]) == (
        "message.delivered",
        "message.opened",
    )
    with pytest.raises(UsageError):
        check_events(["message.read"])


@pytest.mark.parametrize("name", ["", "Cms", "1cms", "a" * 33, "cms\n", "c_m"])
def test_names_are_short_and_plain(name: str) -> None:
    with pytest.raises(UsageError):
        check_webhook_name(name)
    check_webhook_name("cms-1")


def _after(answer: Answer, failures: int = 1, hours: int = 0, spread: float = 1) -> int:
    retry = after_failure(
        answer,
        failures=failures,
        failing_since=UnixMs(NOW - hours * 3_600_000),
        now=NOW,
        give_up_ms=5 * DAY_MS,
        spread=spread,
    )
    assert retry.disabled is None
    return retry.at - NOW


def test_the_wait_doubles_to_six_hours_with_jitter() -> None:
    failed = Answer(status=500)
    assert [_after(failed, n) for n in (1, 2, 3, 12, 40)] == [
        10_000,
        20_000,
        40_000,
        20_480_000,
        21_600_000,
    ]
    assert _after(failed, 1, spread=0) == 5_000


def test_an_endpoint_may_ask_for_patience_up_to_an_hour() -> None:
    assert _after(Answer(status=503, retry_after_s=120)) == 120_000
    assert _after(Answer(status=429, retry_after_s=10**9)) == 3_600_000


def test_after_days_or_when_it_is_gone_an_endpoint_is_left_alone() -> None:
    def disabled(answer: Answer, since: UnixMs) -> Disabled | None:
        retry = after_failure(
            answer,
            failures=3,
            failing_since=since,
            now=NOW,
            give_up_ms=5 * DAY_MS,
            spread=0.5,
        )
        assert (retry.at == NEVER) is (retry.disabled is not None)
        return retry.disabled

    assert disabled(Answer(status=0), UnixMs(NOW - 5 * DAY_MS)) is Disabled.FAILING
    assert disabled(Answer(status=0), UnixMs(NOW - 5 * DAY_MS + 1)) is None
    assert disabled(Answer(status=410), NOW) is Disabled.GONE


def test_success_is_what_http_calls_so() -> None:
    assert [
        Answer(status=one).is_taken for one in (0, 199, 200, 204, 299, 301, 500)
    ] == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
    ]


def test_an_alert_is_told_without_what_was_seen() -> None:
    seen = Condition(
        name="peer-unreachable",
        subject="moj.fr",
        severity=Severity.CRITICAL,
        text="12 messages wait, the oldest since noon",
        remedy="mla-gateway doctor moj.fr",
    )
    raised = told_of_alert(3, seen, raised_at=NOW, resolved_at=NEVER)
    again = told_of_alert(3, seen, raised_at=NOW, resolved_at=NEVER)
    over = told_of_alert(3, seen, raised_at=NOW, resolved_at=UnixMs(NOW + DAY_MS))

    assert raised == again
    assert raised.event_id != over.event_id
    told = json.loads(raised.body)
    assert told["type"] == "alert.raised"
    assert told["data"] == {
        "alert": 3,
        "name": "peer-unreachable",
        "raised_at": "2023-11-14T22:13:20.000Z",
        "remedy": "mla-gateway doctor moj.fr",
        "severity": "critical",
        "subject": "moj.fr",
        "title": "A peer does not take its messages",
    }
    assert json.loads(over.body)["type"] == "alert.resolved"
    assert json.loads(over.body)["data"]["resolved_at"] == "2023-11-15T22:13:20.000Z"
