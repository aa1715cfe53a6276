"""docker-compose.yml and Dockerfile against the code they start: Docker itself doesn't run here."""

import re
import shlex
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from opentelemetry.util.re import parse_env_headers

from collector import settings
from collector.cli.command import parser
from demo_services import command as demo
from demo_services.systems import SYSTEMS
from tests.project.test_packaging import pins
from tests.project.tree import PACKAGES, ROOT, pyproject, text

COMPOSE: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = [
    shlex.split(line, comments=True)
    for line in text("Dockerfile").replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]


def filled(value: str, **variables: str) -> str:
    """A value of the file with its ${NAME:-default} filled in."""
    return re.sub(
        r"\$\{(\w+):-([^}]*)\}", lambda found: variables.get(found[1]) or found[2], str(value)
    )


def environ(service: str, **variables: str) -> dict[str, str]:
    values = SERVICES[service].get("environment", {})
    return {name: filled(value, **variables) for name, value in values.items()}


def instructions(name: str) -> list[list[str]]:
    return [words[1:] for words in DOCKERFILE if words[0] == name]


def test_what_the_image_copies_exists_and_is_let_through() -> None:
    copied = list(chain.from_iterable(words[:-1] for words in instructions("COPY")))
    assert all((ROOT / name).exists() for name in copied)
    let_through = re.findall(r"^!(.+)$", text(".dockerignore"), re.MULTILINE)
    assert sorted(copied) == sorted(let_through)
    project = pyproject()["project"]
    assert {*PACKAGES, "pyproject.toml", project["readme"], *project["license-files"]} <= set(
        copied
    )


def test_the_image_has_a_python_that_the_project_takes() -> None:
    [[image]] = instructions("FROM")
    minor = int(re.fullmatch(r"python:3\.(\d+)-slim", image)[1])
    assert minor >= int(pyproject()["project"]["requires-python"].removeprefix(">=3."))


def test_the_image_carries_the_projects_version() -> None:
    assert {service["image"] for service in OURS.values()} == {
        f"choreoscope:{pyproject()['project']['version']}"
    }


def test_every_variable_of_ours_is_a_setting() -> None:
    image = {word.partition("=")[0] for words in instructions("ENV") for word in words}
    used = image | set(chain.from_iterable(service["environment"] for service in OURS.values()))
    known = {setting.variable for setting in settings.describe()} | {"CHOREOSCOPE_CONFIG"}
    assert {name for name in used if name.startswith("CHOREOSCOPE_")} <= known


@pytest.mark.parametrize("engine", ["", "clickhouse://choreoscope:change-me@clickhouse:8123/db"])
def test_the_collector_takes_its_environment(engine: str) -> None:
    """Also its rule that an address others can reach needs a token."""
    variables = environ("collector", CHOREOSCOPE_ENGINE=engine)
    variables["CHOREOSCOPE_CONFIG"] = str(ROOT / "demo_services" / "collector.toml")
    loaded = settings.load(environ=variables)
    assert (loaded.host, loaded.token, loaded.engine) == ("0.0.0.0", "change-me", engine)
    published = {port.split(":")[-1] for port in SERVICES["collector"]["ports"]}
    assert published == {str(loaded.http_port), str(loaded.grpc_port)}


def test_the_dashboard_asks_the_collector_with_its_token() -> None:
    theirs = settings.load(environ=environ("dashboard", CHOREOSCOPE_TOKEN="s3"))
    assert (theirs.collector, theirs.token) == ("http://collector:4318", "s3")
    assert theirs.dashboard_host == "0.0.0.0"
    assert SERVICES["dashboard"]["ports"] == [f"127.0.0.1:8501:{theirs.dashboard_port}"]


@pytest.mark.parametrize("service", ["collector", "dashboard"])
def test_the_commands_are_commands_of_ours(service: str) -> None:
    program, *arguments = SERVICES[service]["command"]
    assert program == "choreoscope"
    assert parser().parse_args(arguments).command == arguments[0]


DEMO = {blueprint.name: blueprint for system in SYSTEMS for blueprint in system.blueprints}


def test_each_demo_service_has_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DEMO.keys() == OURS.keys() - {"collector", "dashboard"}
    entries = {system.entry for system in SYSTEMS}
    for name in DEMO:
        for variable, value in environ(name).items():
            monkeypatch.setenv(variable, value)
        python, module, package, *arguments = SERVICES[name]["command"]
        assert (python, module, package) == ("python", "-m", "demo_services")
        options = demo.parse(arguments)
        [blueprint] = options.systems[0].blueprints
        assert blueprint.name == name
        assert options.nats_url == "nats://nats:4222"
        assert options.otlp == "http://collector:4318"
        assert options.host == "0.0.0.0"
        assert options.peers.format(service=name) == f"http://{name}:{options.port}"
        assert (options.rate > 0) == (name in entries)
        assert options.plan.enabled == (name == demo.Plan.service)


def test_the_demo_services_send_the_token() -> None:
    for name in DEMO:
        headers = environ(name, CHOREOSCOPE_TOKEN="s3cret")["OTEL_EXPORTER_OTLP_HEADERS"]
        assert parse_env_headers(headers, liberal=True) == {"authorization": "Bearer s3cret"}


def test_what_shares_a_database_finds_it() -> None:
    server = environ("postgres", POSTGRES_PASSWORD="pw")
    for name, blueprint in DEMO.items():
        assert ("postgres" in SERVICES[name]["depends_on"]) == blueprint.shared
        url = urlsplit(environ(name, POSTGRES_PASSWORD="pw")["DEMO_DATABASE_URL"])
        assert (url.username, url.password) == (server["POSTGRES_USER"], "pw")
        assert (url.hostname, url.path) == ("postgres", f"/{server['POSTGRES_DB']}")


def test_the_collector_knows_the_demos_orders() -> None:
    """The image keeps what the variables name; `choreoscope demo` uses the same files."""
    [install] = [words for words in instructions("RUN") if "pip" in words]
    copied = " ".join(install)
    variables = environ("collector")
    assert f"demo_services/collector.toml {variables['CHOREOSCOPE_CONFIG']}" in copied
    assert f"demo_services/flows {variables['CHOREOSCOPE_FLOWS']}" in copied


def test_what_is_referred_to_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for mount in service.get("volumes", ()):
            assert mount.partition(":")[0] in COMPOSE["volumes"]
        for name, needed in service.get("depends_on", {}).items():
            assert "healthcheck" in SERVICES[name]
            optional = bool(SERVICES[name].get("profiles"))
            assert needed.get("required", True) is not optional


def test_ports_are_published_to_this_machine_only() -> None:
    ports = list(chain.from_iterable(service.get("ports", ()) for service in SERVICES.values()))
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_what_is_optional_stands_behind_a_profile() -> None:
    profiles = {name: s["profiles"] for name, s in SERVICES.items() if "profiles" in s}
    assert profiles == {"clickhouse": ["cluster"], "marketplace-loyalty": ["loyalty"]}


def test_the_server_is_the_version_that_the_embedded_engine_is() -> None:
    tag = SERVICES["clickhouse"]["image"].partition(":")[2]
    assert pins()["chdb-core"].startswith(tag + ".")


def test_the_line_for_the_cluster_fits_the_server() -> None:
    url = re.search(r"clickhouse://(\w+):([\w-]+)@(\w+):8123/(\w+)", text("docker-compose.yml"))
    server = environ("clickhouse")
    assert url.groups() == (
        server["CLICKHOUSE_USER"],
        server["CLICKHOUSE_PASSWORD"],
        "clickhouse",
        server["CLICKHOUSE_DB"],
    )
