"""Logs: one line an event, no secret, no content, nothing a terminal obeys."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import NotFoundError
from gateway.telemetry.logs import set_up
from gateway.telemetry.redaction import MAX_VALUE_CHARS, tame


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handlers = list(logging.getLogger().handlers)
    level = logging.getLogger().level
    set_up(stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def _only(stream: io.StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_a_line_begins_with_time_level_and_event(lines: io.StringIO) -> None:
    structlog.get_logger().info("message_accepted", peer="pgr.pt")
    found = _only(lines)
    assert list(found)[:3] == ["at", "level", "event"]
    assert str(found["at"]).endswith("Z")
    assert found["level"] == "info"
    assert found["peer"] == "pgr.pt"


def _raise(error: Exception) -> None:
    raise error


def _log_broken(error: Exception) -> None:
    try:
        _raise(error)
    except type(error):
        structlog.get_logger().exception("broke")


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "Authorization",
        "passphrase",
        "client_secret",
        "private_key",
        "key",
        "plaintext",
        "manifest",
        "body",
        "form",
        "payload",
    ],
)
def test_what_is_named_like_a_secret_is_masked(lines: io.StringIO, name: str) -> None:
    structlog.get_logger().info("x", **{name: "hush", "inner": {name: "hush"}})
    assert "hush" not in lines.getvalue()


def test_bytes_never_show(lines: io.StringIO) -> None:
    structlog.get_logger().info("x", found=b"hush", more=[b"hush"])
    assert "hush" not in lines.getvalue()
    assert _only(lines)["found"] == "<4 bytes>"


def test_an_exception_shows_where_and_not_what_it_quotes(lines: io.StringIO) -> None:
    _log_broken(ValueError("the suspect is hush"))
    found = _only(lines)
    assert found["error"] == "ValueError"
    assert "test_redaction.py" in str(found["where"])
    assert "hush" not in lines.getvalue()


def test_our_own_errors_say_their_code_and_sentence(lines: io.StringIO) -> None:
    _log_broken(NotFoundError("peer: no such"))
    assert _only(lines)["code"] == "not-found"
    assert _only(lines)["reason"] == "peer: no such"


def test_what_libraries_log_takes_the_same_way_without_its_arguments(
    lines: io.StringIO,
) -> None:
    logging.getLogger("aiohttp.server").error("Error %s", "hush", exc_info=False)
    found = _only(lines)
    assert found["event"] == "library_logged"
    assert found["text"] == "Error %s"


def test_what_a_library_says_of_objects_is_left_out(lines: io.StringIO) -> None:
    # As the event loop reports a task that nobody waited for.
    logging.getLogger("asyncio").error("Task failed\nfuture: ValueError('hush')")
    assert _only(lines)["text"] == "Task failed"


def test_half_a_character_stops_no_log_line(lines: io.StringIO) -> None:
    structlog.get_logger().info("x", found="a\udc80b")
    assert _only(lines)["found"] == "a\\udc80b"


def test_events_below_the_level_are_not_written(lines: io.StringIO) -> None:
    structlog.get_logger().debug("x")
    assert lines.getvalue() == ""


@given(st.text())
def test_no_text_can_break_a_line_or_command_a_terminal(text: str) -> None:
    tamed = str(tame(text))
    assert tamed.isprintable() or not any(
        ord(one) < 32 or 127 <= ord(one) < 160 for one in tamed
    )
    assert len(tamed) <= 6 * MAX_VALUE_CHARS + 40
    assert len(tamed.splitlines()) <= 1


def test_a_huge_value_is_cut(lines: io.StringIO) -> None:
    structlog.get_logger().info("x", found="x" * 10_000, many=list(range(1000)))
    assert len(lines.getvalue()) < 1_000


def test_the_style_for_people_is_redacted_as_well() -> None:
    stream = io.StringIO()
    handlers = list(logging.getLogger().handlers)
    set_up(style="console", stream=stream)
    fields = {"token": "hush", "peer": "a\x1b[2Jb"}
    structlog.get_logger().info("x", **fields)
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers[:] = handlers
    assert "hush" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
