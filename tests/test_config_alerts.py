"""Settings of alerts."""

import pytest

from gateway.config.alerts import (
    AlertSettings,
    check_mail_addresses,
    check_mail_user,
    parse_mail_server,
)

WHOLE = {
    "mail_server": "mail.example.org:587",
    "mail_from": "mla@example.org",
    "mail_to": ("duty@example.org",),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail.example.org:587", ("mail.example.org", 587)),
        ("[::1]:25", ("::1", 25)),
        ("127.0.0.1:25", ("127.0.0.1", 25)),
    ],
)
def test_a_mail_server_is_a_host_and_a_port(
    text: str, expected: tuple[str, int]
) -> None:
    assert parse_mail_server(text) == expected


@pytest.mark.parametrize(
    "text", ["mail.example.org", "a b:25", "mail:0", "mail:65536", "smtp://a:25", ":25"]
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        parse_mail_server(text)


@pytest.mark.parametrize(
    "text", ["duty", "a@b\nBcc: c@d", "Duty <a@b>", "a@b,c@d", "@b", "a@"]
)
def test_what_could_begin_another_header_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="expected an address"):
        check_mail_addresses(("ok@example.org", text))


@pytest.mark.parametrize("text", ["", "a" * 257, "a\tb"])
def test_an_account_is_printable(text: str) -> None:
    with pytest.raises(ValueError, match="account"):
        check_mail_user(text)


def test_without_a_server_nothing_is_needed() -> None:
    assert AlertSettings().problem() == ""
    assert AlertSettings(**WHOLE).problem() == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mail_to": ()}, "needs mail_from and mail_to"),
        ({"mail_from": None}, "needs mail_from and mail_to"),
        ({"mail_user": "mla"}, "set together"),
        ({"mail_security": "none"}, "on this machine only"),
        ({"mail_security": "none", "mail_server": "10.0.0.1:25"}, "this machine only"),
        (
            {
                "mail_security": "none",
                "mail_server": "localhost:25",
                "mail_user": "mla",
                "mail_password_file": "x",
            },
            "takes no password",
        ),
    ],
)
def test_what_contradicts_itself_is_told(changed: dict[str, object], told: str) -> None:
    settings = AlertSettings(**{**WHOLE, **changed})  # type: ignore[arg-type]
    assert told in settings.problem()


def test_a_server_on_this_machine_may_be_plain() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        plain = {**WHOLE, "mail_server": f"{host}:25", "mail_security": "none"}
        assert AlertSettings(**plain).problem() == ""  # type: ignore[arg-type]
