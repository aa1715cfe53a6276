"""Every setting: name, type, default, unit, help. Read once, checked at start.

A flag wins over `CHOREOSCOPE_<NAME>`, that over the TOML file, that over the default. The file
comes only from `--config` or `CHOREOSCOPE_CONFIG`.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_origin, get_type_hints
from urllib.parse import quote

from collector.access import is_local_name
from collector.keys import LISTS, Workflow, sources

_PREFIX = "CHOREOSCOPE_"
_MIB = 1024 * 1024


class SettingsError(Exception):
    """A setting is wrong; the message says which, where it came from, and what would do."""


def _setting(
    default: Any,
    help: str,
    *,
    unit: str = "",
    low: float = 0,
    high: float = math.inf,
    secret: bool = False,
) -> Any:
    details = {"help": help, "unit": unit, "low": low, "high": high}
    return dataclasses.field(default=default, metadata=details, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """The settings, complete and checked; made by `load`."""

    data: Path = _setting(Path(".choreoscope"), "Folder of the embedded engine")  # noqa: RUF009
    engine: str = _setting(
        "",
        "chdb:///folder or clickhouse://user:password@host:8123/database; default: in `data`",
        secret=True,
    )
    host: str = _setting("127.0.0.1", "Address to listen on, for OTLP and the API")
    http_port: int = _setting(4318, "Port of OTLP/HTTP and the API; 0: a free one", high=65535)
    grpc_port: int = _setting(4317, "Port of OTLP/gRPC; 0: a free one", high=65535)
    token: str = _setting("", "Bearer token that allows everything", secret=True)
    token_file: Path | None = _setting(None, "File that holds the token")  # noqa: RUF009
    ingest_token: str = _setting("", "Bearer token that allows sending spans only", secret=True)
    ingest_token_file: Path | None = _setting(  # noqa: RUF009
        None, "File that holds the ingest token"
    )
    read_token: str = _setting("", "Bearer token that allows asking only", secret=True)
    read_token_file: Path | None = _setting(None, "File that holds the read token")  # noqa: RUF009
    allow_insecure_host: bool = _setting(
        False, "Listen on an address that others can reach even without a token"
    )
    tls_cert: Path | None = _setting(  # noqa: RUF009
        None, "Certificate chain (PEM): with it OTLP and the API speak TLS only"
    )
    tls_key: Path | None = _setting(None, "Private key (PEM) of the certificate")  # noqa: RUF009
    max_request_bytes: int = _setting(
        64 * _MIB, "Largest request, as sent and unpacked", unit="bytes", low=1024
    )
    max_attributes: int = _setting(
        1000,
        "Attributes stored of a span, event, link, scope or resource; further ones are cut; "
        "0: no limit",
    )
    max_value_bytes: int = _setting(
        64 * 1024,
        "Longest text stored: attribute, name, message; longer ones are cut; 0: no limit",
        unit="bytes",
    )
    redact_drop: tuple[str, ...] = _setting(
        (), "Names of attributes that aren't stored, such as user.*, *.email"
    )
    redact_hash: tuple[str, ...] = _setting(
        (), "Names of attributes of whose values only a hash is stored"
    )
    redact_key: str = _setting("", "Secret that the hashes are made with", secret=True)
    redact_key_file: Path | None = _setting(  # noqa: RUF009
        None, "File that holds the secret of the hashes"
    )
    max_queue_bytes: int = _setting(
        256 * _MIB, "Spans waiting to be stored; beyond it clients get 429", unit="bytes", low=_MIB
    )
    max_batch_bytes: int = _setting(
        8 * _MIB, "Largest commit of several requests", unit="bytes", low=1024
    )
    linger_ms: int = _setting(
        200, "How long a small batch waits for company", unit="ms", high=10_000
    )
    fsync: bool = _setting(False, "Acknowledge when the disk has it: survives a power loss")
    query_timeout_s: float = _setting(10.0, "Time limit of a question", unit="s", low=0.1)
    tick_s: float = _setting(1.0, "How often orders are judged", unit="s", low=0.05)
    learn_every_s: float = _setting(
        5.0, "How often the expected flow is learned anew", unit="s", low=0.05
    )
    learn_min_orders: int = _setting(20, "Finished orders before the first verdict", low=1)
    flows: Path | None = _setting(  # noqa: RUF009
        None, "Folder of declared flows: a YAML file a workflow"
    )
    max_operations: int = _setting(
        200, "Distinct operations a service may have; more are grouped", low=1, high=100_000
    )
    retention_days: float = _setting(30.0, "Age at which spans are dropped", unit="days", low=0.01)
    failed_retention_days: float = _setting(
        60.0, "The same for orders that failed or are unknown", unit="days", low=0.01
    )
    order_retention_days: float = _setting(
        365.0, "Age at which finished orders are dropped as a whole", unit="days", low=0.01
    )
    retention_bytes: int = _setting(
        0, "Disk that the tables may take; beyond it the oldest spans go; 0: any", unit="bytes"
    )
    min_free_bytes: int = _setting(
        256 * _MIB, "Room on the engine's disk below which /readyz says no; 0: any", unit="bytes"
    )
    log_level: str = _setting("info", "debug, info, warning or error")
    collector: str = _setting("http://127.0.0.1:4318", "Where clients find the collector")
    dashboard_host: str = _setting("127.0.0.1", "Address the dashboard listens on")
    dashboard_port: int = _setting(8501, "Port of the dashboard", high=65535)
    dashboard_login: Path | None = _setting(  # noqa: RUF009
        None, "TOML file by which people log in to the dashboard with OpenID Connect"
    )
    trace_url: str = _setting(
        "", "Where the dashboard finds traces elsewhere: Name=URL with {trace_id}, several by space"
    )
    workflows: tuple[Workflow, ...] = dataclasses.field(
        default=(Workflow("order", ("order.id", "app.order.id", "order_id", "orderId")),),
        metadata={"help": 'Tables such as [workflows.order] with keys = ["order.id"]', "unit": ""},
    )

    @property
    def engine_url(self) -> str:
        """The engine's URL, with the default spelled out."""
        return self.engine or f"chdb://{quote(str(self.data))}"


@dataclass(frozen=True)
class Description:
    """A setting for help texts and docs."""

    name: str
    variable: str
    flag: str
    type: str
    default: str
    unit: str
    help: str


def describe() -> list[Description]:
    """Every setting, in the order of the table. Workflows have a table in the file only."""
    return [
        Description(
            name=field.name,
            variable=_PREFIX + field.name.upper() if field.name in _SCALARS else "",
            flag="--" + field.name.replace("_", "-") if field.name in _SCALARS else "",
            type=_TYPE_NAMES.get(_HINTS[field.name], "table"),
            default=_shown(field.default),
            unit=field.metadata["unit"],
            help=field.metadata["help"],
        )
        for field in dataclasses.fields(Settings)
    ]


def load(
    flags: Mapping[str, str | None] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """The settings from flags (`http_port` or `http-port`), variables and the file they name.

    Flags that are None weren't given. Raises SettingsError.
    """
    environ = os.environ if environ is None else environ
    given = {name.replace("-", "_"): text for name, text in (flags or {}).items()}
    variables = {n[len(_PREFIX) :].lower(): v for n, v in environ.items() if n.startswith(_PREFIX)}
    _check_known(variables, [*_SCALARS, "config"], lambda name: _PREFIX + name.upper())
    _check_known(given, [*_SCALARS, "config"], lambda name: "--" + name.replace("_", "-"))
    values: dict[str, Any] = {}
    if file := given.get("config") or variables.get("config"):
        values |= _from_file(Path(file))
    for name, text in variables.items():
        if name != "config":
            values[name] = _parsed(name, text, _PREFIX + name.upper())
    for name, flag in given.items():
        if name != "config" and flag is not None:
            values[name] = _parsed(name, flag, "--" + name.replace("_", "-"))
    return _completed(Settings(**values))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"can't read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    _check_known(content, [*_SCALARS, "workflows"], lambda name: f"{name} in {path}")
    values = {
        name: _parsed(name, value, f"{name} in {path}")
        for name, value in content.items()
        if name != "workflows"
    }
    if "workflows" in content:
        values["workflows"] = _workflows(content["workflows"], path)
    return values


def _workflows(tables: Any, path: Path) -> tuple[Workflow, ...]:
    if not isinstance(tables, dict) or not tables:
        raise SettingsError(f"{path}: a workflow is a table such as [workflows.order]")
    workflows = []
    for name, table in tables.items():
        where = f"[workflows.{name}] in {path}"
        if not isinstance(table, dict):
            raise SettingsError(f'{where} must be a table with keys = ["order.id"]')
        _check_known(table, [*LISTS, "namespace"], lambda key, where=where: f"{key} in {where}")  # type: ignore[misc]
        for key, value in table.items():
            if not (isinstance(value, str) if key == "namespace" else _is_list(value)):
                raise SettingsError(f"{where}: {key} must be {_SHAPES.get(key, _LIST)}")
        if not any(table.get(key) for key in ("keys", "message_keys", "routes", "subjects")):
            raise SettingsError(f"{where} needs keys: a list of attribute names")
        if both := {*table.get("keys", ())} & {*table.get("aliases", ())}:
            raise SettingsError(f"{where}: {both.pop()} is among keys and aliases: say which it is")
        lists = {key: tuple(table.get(key, ())) for key in LISTS}
        workflow = Workflow(name, namespace=table.get("namespace", ""), **lists)
        try:
            sources([workflow])
        except ValueError as error:
            raise SettingsError(f"{where}: {error}") from None
        workflows.append(workflow)
    return tuple(workflows)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _parsed(name: str, value: Any, source: str) -> Any:
    """A value of the setting's type, from text or from TOML's own types."""
    kind = get_origin(_HINTS[name]) or _HINTS[name]
    try:
        if kind is bool:
            return value if isinstance(value, bool) else _BOOLEANS[value.lower()]
        if kind in (int, float):
            return _number(kind, value, _FIELDS[name].metadata)
        if kind is tuple:
            return _names(value)
        if isinstance(value, str):
            return value if kind is str else Path(value)
    except (KeyError, AttributeError, TypeError):
        pass
    except ValueError as error:
        raise SettingsError(f"{source}: {error}") from None
    raise SettingsError(f"{source}: {value!r} is no {_TYPE_NAMES[_HINTS[name]]}")


def _names(value: Any) -> tuple[str, ...]:
    """A list in the file, names with commas between them elsewhere."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError
    return tuple(name.strip() for name in names if name.strip())


def _number(kind: type, value: Any, limits: Mapping[str, Any]) -> int | float:
    if isinstance(value, bool) or (kind is int and isinstance(value, float)):
        raise TypeError
    try:
        number: int | float = kind(value)
    except ValueError:
        raise TypeError from None
    if not limits["low"] <= number <= limits["high"] or math.isinf(number):
        most = f" and at most {limits['high']:g}" if math.isfinite(limits["high"]) else ""
        raise ValueError(f"{value} must be at least {limits['low']:g}{most}")
    return number


def _check_known(names: Iterable[str], known: list[str], spell: Callable[[str], str]) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0)
            hint = f"; did you mean {spell(near[0])}?" if near else ""
            raise SettingsError(f"there is no setting {spell(name)}{hint}")


def _completed(settings: Settings) -> Settings:
    """The settings with files read and paths absolute, checked against each other."""
    settings = dataclasses.replace(settings, data=settings.data.expanduser().absolute())
    if settings.flows:
        flows = settings.flows.expanduser().absolute()
        settings = dataclasses.replace(settings, flows=flows)
    for name in _SECRETS:
        secret: dict[str, Any] = {name: _secret(settings, name)}
        settings = dataclasses.replace(settings, **secret)
    if not settings.engine_url.startswith(("chdb://", "clickhouse://")):
        raise SettingsError(
            f"engine: {settings.engine} is neither chdb:///folder nor clickhouse://host:8123/name"
        )
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"log_level: {settings.log_level} is not debug, info, warning or error")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise SettingsError("tls_cert and tls_key go together: give both or none")
    if settings.redact_hash and not settings.redact_key:
        raise SettingsError("redact_hash needs redact_key (or redact_key_file), a long secret")
    guarded = settings.token or (settings.ingest_token and settings.read_token)
    if not (guarded or settings.allow_insecure_host or is_local_name(settings.host)):
        raise SettingsError(
            f"host {settings.host} can be reached by others: set a token "
            "(or both ingest_token and read_token), "
            "or allow_insecure_host = true if something else guards it"
        )
    return settings


def _secret(settings: Settings, name: str) -> str:
    """A secret as it was given, or from its file."""
    given: str = getattr(settings, name)
    path: Path | None = getattr(settings, f"{name}_file")
    if path is None:
        return given
    if given:
        raise SettingsError(f"{name} and {name}_file are both set: give one of them")
    try:
        secret = path.expanduser().read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} isn't text") from None
    if not secret:
        raise SettingsError(f"{path} is empty; it should hold the {name.replace('_', ' ')}")
    return secret


def _shown(default: Any) -> str:
    if default == ():
        return ""
    if isinstance(default, tuple):
        return "; ".join(f"{workflow.name}: {', '.join(workflow.keys)}" for workflow in default)
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)


_LIST = "a list of texts"
_SHAPES = {"namespace": "a text", "keys": "a list of attribute names"}
_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
_HINTS = get_type_hints(Settings)
_TYPE_NAMES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    Path | None: "path",
    tuple[str, ...]: "list of names",
}
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SECRETS = ("token", "ingest_token", "read_token", "redact_key")
_SCALARS = [name for name in _FIELDS if name != "workflows"]
