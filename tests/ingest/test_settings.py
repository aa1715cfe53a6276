"""Settings: where they come from, which wins, and what is refused."""

from pathlib import Path

import pytest

from collector.keys import Workflow
from collector.settings import Settings, SettingsError, describe, load


def file(tmp_path: Path, text: str) -> dict[str, str | None]:
    path = tmp_path / "choreoscope.toml"
    path.write_text(text)
    return {"config": str(path)}


def test_defaults() -> None:
    settings = load({}, {"PATH": "/bin"})
    assert settings.data.is_absolute()
    assert settings.engine_url == f"chdb://{settings.data}"
    assert settings.workflows == (
        Workflow("order", ("order.id", "app.order.id", "order_id", "orderId")),
    )


def test_flags_win_over_variables_over_the_file(tmp_path: Path) -> None:
    flags = file(tmp_path, 'http_port = 1\ngrpc_port = 1\ntick_s = 2\nlog_level = "debug"')
    variables = {"CHOREOSCOPE_HTTP_PORT": "2", "CHOREOSCOPE_GRPC_PORT": "2"}
    settings = load({**flags, "http-port": "3", "tick-s": None}, variables)
    assert (settings.http_port, settings.grpc_port, settings.tick_s) == (3, 2, 2.0)
    assert settings.log_level == "debug"


def test_the_file_may_come_by_a_variable(tmp_path: Path) -> None:
    path = file(tmp_path, "allow_insecure_host = true\nhost = '0.0.0.0'")["config"]
    assert load({}, {"CHOREOSCOPE_CONFIG": str(path)}).host == "0.0.0.0"


def test_workflows(tmp_path: Path) -> None:
    text = '[workflows.parcel]\nkeys = ["parcel.id", "id"]\n[workflows.order]\nkeys = ["order.id"]'
    assert load(file(tmp_path, text), {}).workflows == (
        Workflow("parcel", ("parcel.id", "id")),
        Workflow("order", ("order.id",)),
    )


def test_a_token_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    settings = load({"token-file": str(secret), "host": "0.0.0.0"}, {})
    assert settings.token == "s3cret"
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("flags", "variables", "says"),
    [
        ({}, {"CHOREOSCOPE_HTP_PORT": "1"}, "did you mean CHOREOSCOPE_HTTP_PORT"),
        ({"grcp-port": "1"}, {}, "did you mean --grpc-port"),
        ({"http-port": "many"}, {}, "--http-port: 'many' is no whole number"),
        ({}, {"CHOREOSCOPE_HTTP_PORT": "70000"}, "at most 65535"),
        ({"tick-s": "nan"}, {}, "--tick-s"),
        ({"tick-s": "inf"}, {}, "--tick-s"),
        ({"linger-ms": "0.5"}, {}, "whole number"),
        ({"allow-insecure-host": "perhaps"}, {}, "true or false"),
        ({"engine": "postgres://x"}, {}, "engine"),
        ({"log-level": "loud"}, {}, "log_level"),
        ({"host": "0.0.0.0"}, {}, "token"),
        ({"host": "shop.example"}, {}, "token"),
        ({"token": "a", "token-file": "/dev/null"}, {}, "both"),
        ({"token-file": "/dev/null"}, {}, "empty"),
        ({"ingest-token": "a", "host": "0.0.0.0"}, {}, "both ingest_token and read_token"),
        ({"read-token-file": "/dev/null"}, {}, "should hold the read token"),
        ({"tls-cert": "a.crt"}, {}, "go together"),
        ({"redact-hash": "user.*"}, {}, "needs redact_key"),
        ({"token-file": "/nowhere"}, {}, "/nowhere"),
        ({"config": "/nowhere.toml"}, {}, "/nowhere.toml"),
    ],
    ids=str,
)
def test_what_is_refused(
    flags: dict[str, str | None], variables: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        load(flags, variables)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("htp_port = 1", "did you mean http_port"),
        ("http_port = '1x'", "whole number"),
        ("http_port = true", "whole number"),
        ("http_port = [1]", "whole number"),
        ("host = 5", "text"),
        ("redact_drop = [1]", "list of names"),
        ("= 1", "choreoscope.toml"),
        ("workflows = 1", "workflows"),
        ("[workflows.order]\nkeys = []", "keys"),
        ("[workflows.order]\nkey = ['a']", "did you mean keys"),
        ("[workflows]\norder = ['a']", "table"),
        ("[workflows.order]\nkeys = ['a']\nalias = ['b']", "did you mean aliases"),
        ("[workflows.order]\nkeys = ['a']\nnamespace = ['b']", "namespace must be a text"),
        ("[workflows.order]\nkeys = ['a']\naliases = 'b'", "aliases must be a list"),
        ("[workflows.order]\nkeys = ['a']\naliases = ['a']", "a is among keys and aliases"),
        ("[workflows.order]\nkeys = ['a']\nroutes = ['/x']", "must hold one key"),
    ],
)
def test_what_is_refused_in_a_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(file(tmp_path, text), {})


def test_names_are_a_list_or_stand_between_commas(tmp_path: Path) -> None:
    in_file = file(tmp_path, 'redact_drop = ["user.*", "*.email"]')
    assert load(in_file, {}).redact_drop == ("user.*", "*.email")
    assert load({"redact-drop": "user.*, *.email,"}, {}).redact_drop == ("user.*", "*.email")


def test_two_tokens_guard_as_well_as_one(tmp_path: Path) -> None:
    flags = {"host": "0.0.0.0", "ingest-token": "a", "read-token": "b"}
    assert "'b'" not in repr(load(flags, {}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    assert load({"host": host}, {}).host == host


def test_every_setting_is_described() -> None:
    described = describe()
    assert [entry.name for entry in described] == list(Settings.__dataclass_fields__)
    assert all(entry.help for entry in described)
    for entry in described:
        if entry.flag:
            assert entry.variable == f"CHOREOSCOPE_{entry.name.upper()}"
            assert entry.type != "table"
