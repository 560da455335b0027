"""Rules of the configuration: what is refused, what wins, and that all is explained."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.declarations import declared_keys, sections
from gateway.config.places import key_lines
from gateway.config.reading import LoadedSettings, find_problems, load_settings
from gateway.config.rendering import render_config, render_sample
from gateway.config.settings import ListenAddress, Unlock, UnlockMethod
from gateway.core.errors import ConfigError
from gateway.core.values import Stage

SAMPLE = Path(__file__).parents[1] / "config" / "gateway.toml"

MINIMAL = """\
[authority]
id = "moj.ee"
country = "EE"
names = { en = "Ministry of Justice" }
stage = "test"
[peer]
listen = "127.0.0.1:0"
url = "https://127.0.0.1:8443"
[keys]
unlock = "prompt"
"""


def load(
    home: Path,
    text: str = MINIMAL,
    environment: Mapping[str, str] | None = None,
) -> LoadedSettings:
    (home / "gateway.toml").write_text(text)
    return load_settings(home, environment or {})


def problems(
    home: Path,
    text: str,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Return what is wrong, with the home folder cut from the places."""
    (home / "gateway.toml").write_text(text)
    found = find_problems(home, environment or {})
    return [str(problem).replace(f"{home}/", "") for problem in found]


# --- the sample and the declarations ---


def test_the_sample_is_up_to_date() -> None:
    """Made by: python -c 'from gateway.config.rendering import render_sample as r;
    print(r(), end="")' > config/gateway.toml
    """
    assert SAMPLE.read_text() == render_sample()


def test_the_sample_is_accepted(tmp_path: Path) -> None:
    assert load(tmp_path, render_sample()).settings.authority.id == "moj.ee"


def test_every_key_and_section_is_explained() -> None:
    for key in declared_keys():
        assert key.help.endswith("."), key.path
    for name, section in sections().items():
        assert section.__doc__, name


def test_every_shown_default_is_the_default(tmp_path: Path) -> None:
    """Uncommenting a line that has a default changes nothing."""
    keys = {key.path for key in declared_keys() if key.default is not None}
    shown = {f"# {path.partition('.')[2]} = " for path in keys}
    lines = [
        line.removeprefix("# ") if any(map(line.startswith, shown)) else line
        for line in render_sample().splitlines()
    ]

    assert load(tmp_path, "\n".join(lines)).settings == (
        load(tmp_path, render_sample()).settings
    )


def test_what_is_rendered_is_read_back(tmp_path: Path) -> None:
    text = render_config(
        {
            "authority.id": "pgr.pt",
            "authority.country": "PT",
            "authority.names": {"pt": 'Procuradoria "Geral" \\ da República'},
            "authority.stage": Stage.PRODUCTION,
            "peer.listen": ListenAddress("::1", 0),
            "peer.url": "https://gateway.pgr.pt",
            "keys.unlock": Unlock(UnlockMethod.CREDENTIAL, "mla"),
            "log.round_minutes": 5,
        },
    )

    settings = load(tmp_path, text).settings

    assert settings.authority.names == {"pt": 'Procuradoria "Geral" \\ da República'}
    assert settings.authority.stage is Stage.PRODUCTION
    assert settings.peer.listen == ListenAddress("::1", 0)
    assert settings.keys.unlock == Unlock(UnlockMethod.CREDENTIAL, "mla")
    assert settings.log.round_minutes == 5


# --- what is read ---


def test_paths_are_under_the_home_folder_unless_absolute(tmp_path: Path) -> None:
    text = MINIMAL.replace('"prompt"', '"file:secrets/pass"\npath = "/run/keys"')

    settings = load(tmp_path, text).settings

    assert settings.storage.path == tmp_path / "data" / "gateway.db"
    assert settings.keys.path == Path("/run/keys")
    assert settings.keys.unlock.name == str(tmp_path / "secrets" / "pass")


def test_the_environment_wins_and_sources_are_told(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        MINIMAL,
        {
            "MLA_GATEWAY__PEER__LISTEN": "127.0.0.1:9443",
            "MLA_GATEWAY__LOG__ROUND_MINUTES": "15",
            "MLA_GATEWAY__AUTHORITY__NAMES": '{ fr = "Ministère" }',
            "MLA_GATEWAY__AUTHORITY__COUNTRY": "FR",
            "MLA_GATEWAY_HOME": "/elsewhere",
            "PATH": "/bin",
        },
    )

    shown = {key.path: (key.value, key.source) for key in loaded.effective()}
    assert shown["peer.listen"] == (
        "127.0.0.1:9443",
        "environment MLA_GATEWAY__PEER__LISTEN",
    )
    assert shown["log.round_minutes"][0] == 15
    assert shown["authority.names"][0] == {"fr": "Ministère"}
    assert shown["authority.country"][0] == "FR"
    assert shown["authority.id"] == ("moj.ee", f"{tmp_path}/gateway.toml:2")
    assert shown["delivery.batch_items"][1] == "default"
    assert "admin.tls_key" not in shown


@pytest.mark.parametrize("text", ["2026-01-01", "1.5", "[1]", "unquoted text"])
def test_a_variable_that_is_no_number_is_text(text: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, MINIMAL, {"MLA_GATEWAY__STORAGE__PATH": text})

    assert loaded.settings.storage.path == tmp_path / text


def test_a_name_may_stand_in_a_section_of_its_own(tmp_path: Path) -> None:
    text = MINIMAL.replace('names = { en = "Ministry of Justice" }\n', "")
    text += '[authority.names]\nen = "Ministry"\n"sr-Latn" = "Ministarstvo"\n'

    names = load(tmp_path, text).settings.authority.names

    assert names == {"en": "Ministry", "sr-Latn": "Ministarstvo"}


# --- what is refused ---


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    text = MINIMAL.replace('country = "EE"', 'country = "Estonia"')
    text = text.replace('stage = "test"\n', "") + "lock = 1\n[delivry]\nx = 1\n"

    found = problems(tmp_path, text, {"MLA_GATEWAY__PEER__PORT": "1"})

    assert [problem.split(": ")[:2] for problem in found] == [
        ["gateway.toml:3", "authority.country"],
        ["gateway.toml:10", "keys.lock"],
        ["gateway.toml:11", "delivry"],
        ["environment MLA_GATEWAY__PEER__PORT", "no such key"],
        ["gateway.toml:1", "authority.stage"],
    ]


def test_loading_tells_every_problem_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "")

    lines = str(caught.value).splitlines()
    assert len(lines) == 7
    assert all("must be set" in line for line in lines)


WRONG_VALUES = {
    "authority.id": ['"MOJ.ee"', '"moj"', '""', "1", '"moj.ee\\n"'],
    "authority.country": ['"ee"', '"EST"'],
    "authority.names": ["{}", '{ en = "" }', '{ EN = "x" }', '"x"', '{ en = "a\\nb" }'],
    "authority.stage": ['"demo"', "true"],
    "peer.listen": [
        '"localhost:1"',
        '"127.0.0.1"',
        '"127.0.0.1:65536"',
        '"127.0.0.1:01"',
        '"300.0.0.1:1"',
        '"::1:80"',
        '"[::1]:80\\n"',
        "8443",
    ],
    "peer.url": [
        '"http://a.ee"',
        '"https://a.ee/"',
        '"https://u@a.ee"',
        '"https://a.ee:0"',
        '"https://A.ee"',
    ],
    "log.tsa": [
        '"ftp://a.ee/"',
        '"tsa.example.org"',
        '"http://u@a.ee/"',
        '"http://a.ee/#x"',
        '"http://a.ee/ x"',
        '"http://a.ee:70000/"',
        "1",
    ],
    "log.tsa_ca": ['""', "1"],
    "log.tsa_hours": ["0", "745", '"1"'],
    "storage.reserve_mib": ["63", "1048577", '"64"', "64.0", "true"],
    "keys.unlock": [
        '"file:"',
        '"credential:../x"',
        '"credential:"',
        '"env:X"',
        '"prompt:now"',
        '"secret"',
        '"file:a\\nb"',
    ],
    "storage.path": ['""', '"a\\u0000b"', "1"],
    "delivery.lifetime_days": ["0", "91"],
    "delivery.batch_items": ["0", "257"],
    "log.round_minutes": ["4", "61"],
    "telemetry.level": ['"trace"', "1"],
    "telemetry.format": ['"xml"'],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path, values in WRONG_VALUES.items() for value in values],
)
def test_a_wrong_value_is_refused_and_named(
    path: str,
    value: str,
    tmp_path: Path,
) -> None:
    section, _, name = path.partition(".")
    lines = [line for line in MINIMAL.splitlines() if not line.startswith(f"{name} =")]
    at = lines.index(f"[{section}]") if f"[{section}]" in lines else len(lines)
    lines[at : at + 1] = [f"[{section}]", f"{name} = {value}"]

    (found,) = problems(tmp_path, "\n".join(lines))

    assert found.startswith(f"gateway.toml:{at + 2}: {path}: ")


@pytest.mark.parametrize(
    "url", ["http://a.ee", "https://A.ee:1/tsr?q=1", "http://[::1]:9/"]
)
def test_a_time_stamping_authority_is_set_with_its_ca(tmp_path: Path, url: str) -> None:
    both = f'[log]\ntsa = "{url}"\ntsa_ca = "ca.pem"\n'
    settings = load(tmp_path, MINIMAL + both).settings
    assert (settings.log.tsa, settings.log.tsa_ca) == (url, tmp_path / "ca.pem")
    for one in both.splitlines()[1:]:
        (found,) = problems(tmp_path, f"{MINIMAL}[log]\n{one}\n")
        assert found.endswith("log: tsa and tsa_ca are set together or not at all")


def test_an_unknown_section_or_value_in_its_place_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "log = 5\n" + MINIMAL)

    assert found == "gateway.toml:1: log: expected a section"


def test_a_repeated_key_is_refused_with_its_line(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, MINIMAL + 'unlock = "prompt"\n')

    assert found.startswith("gateway.toml:11: TOML: ")


@pytest.mark.parametrize("text", ["[authority", "id =", 'id = "x', "\x00"])
def test_broken_toml_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, f"\n{text}")

    assert found.startswith("gateway.toml:2: TOML: ")


def test_toml_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "a = " + "[" * 5_000)

    assert found == "gateway.toml: TOML: nested too deeply"


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_bytes(b"\xff")

    (found,) = find_problems(tmp_path, {})
    assert "UTF-8" in str(found)


def test_a_file_over_its_limit_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "#" * 300_000)

    assert "over 262144 bytes" in found


def test_a_missing_file_a_link_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "No such file" in str(find_problems(tmp_path, {})[0])
    (tmp_path / "other.toml").write_text(MINIMAL)
    (tmp_path / "gateway.toml").symlink_to(tmp_path / "other.toml")
    assert len(find_problems(tmp_path, {})) == 1
    (tmp_path / "gateway.toml").unlink()
    (tmp_path / "gateway.toml").mkdir()
    assert "is not a file" in str(find_problems(tmp_path, {})[0])


@pytest.mark.parametrize("bits", [0o020, 0o002])
def test_a_file_that_others_can_write_is_refused(bits: int, tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "gateway.toml").chmod(0o644 | bits)

    (found,) = find_problems(tmp_path, {})

    assert f"chmod go-w {tmp_path}/gateway.toml" in str(found)


def test_a_file_of_another_user_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load(tmp_path)
    real = os.fstat

    def of_somebody_else(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        return os.stat_result((*status[:4], 54321, *status[5:10]))

    monkeypatch.setattr(os, "fstat", of_somebody_else)

    (found,) = map(str, find_problems(tmp_path, {}))

    assert "belongs to another user" in found


def test_the_admin_side_needs_tls_where_others_can_reach_it(tmp_path: Path) -> None:
    for listen in ("0.0.0.0:1", "192.0.2.1:1", "[::]:1"):
        (found,) = problems(tmp_path, f'{MINIMAL}[admin]\nlisten = "{listen}"\n')
        assert "tls_certificate and tls_key must be set" in found
    for listen in ("127.0.0.1:1", "[::1]:1"):
        assert problems(tmp_path, f'{MINIMAL}[admin]\nlisten = "{listen}"\n') == []
    pair = 'tls_certificate = "a.pem"\ntls_key = "a.key"\n'
    text = f'{MINIMAL}[admin]\nlisten = "0.0.0.0:1"\n{pair}'
    assert load(tmp_path, text).settings.admin.tls_key == tmp_path / "a.key"


def test_certificate_and_key_of_the_admin_side_go_together(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, MINIMAL + '[admin]\ntls_key = "a.key"\n')

    assert "together or not at all" in found


def test_the_longest_wait_is_not_shorter_than_the_first(tmp_path: Path) -> None:
    text = f"{MINIMAL}[delivery]\nfirst_delay_ms = 5000\nmax_delay_ms = 4000\n"

    (found,) = problems(tmp_path, text)

    assert found.startswith("gateway.toml:13: delivery.max_delay_ms: 4000")


# --- values ---


@given(st.ip_addresses(), st.integers(0, 65_535))
def test_every_address_is_read_back(address: object, port: int) -> None:
    listen = ListenAddress(str(address), port)

    assert ListenAddress.parse(str(listen)) == listen


@given(st.text(max_size=60))
def test_any_text_is_an_unlock_method_or_is_refused(text: str) -> None:
    try:
        unlock = Unlock.parse(text)
    except ValueError:
        return
    assert str(unlock) == text


@given(st.text(max_size=200))
def test_any_text_has_lines_for_messages(text: str) -> None:
    lines = key_lines(text)

    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def test_requests_a_second_are_bounded(tmp_path: Path) -> None:
    text = MINIMAL + "[admin]\nrequests_per_s = 500\n"
    assert load(tmp_path, text).settings.admin.requests_per_s == 500
    for wrong in (0, 10_001):
        text = MINIMAL + f"[admin]\nrequests_per_s = {wrong}\n"
        assert problems(tmp_path, text)
