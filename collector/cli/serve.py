"""`choreoscope serve` and `choreoscope dashboard`: run one of the two in the foreground."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
from importlib.metadata import version

from collector.cli import Failure
from collector.cli.children import die_with_parent
from collector.cli.help import Commands, command
from collector.settings import Settings, SettingsError, describe, load


def add(commands: Commands) -> None:
    """Declare the two commands."""
    serve = command(
        commands,
        "serve",
        "run the collector: spans in, orders out",
        "Run the collector: takes OTLP spans over HTTP and gRPC, finds out what happens to every "
        "order, and answers questions about it. SIGTERM or Ctrl-C commits what it holds and ends "
        "it.",
        ["choreoscope serve --data /var/lib/choreoscope --http-port 4318"],
        more="Every setting is also a variable (--http-port is CHOREOSCOPE_HTTP_PORT) and a line "
        "in the file of --config (http_port = 4318). A flag wins over a variable, that over the "
        "file. The file may also say where the order id is found: a table [workflows.order] with "
        'keys = ["order.id", "order_id"], aliases, routes, subjects, message_keys, namespace and '
        "services; see docs/configuration.md.",
        usage="choreoscope serve [--data DIR] [--config FILE] [any setting below]",
    )
    add_settings(serve)
    serve.add_argument("--die-with-parent", action="store_true", help=argparse.SUPPRESS)
    serve.set_defaults(run=_serve)

    dashboard = command(
        commands,
        "dashboard",
        "run the web pages",
        "Serve the dashboard. It asks a running collector; CHOREOSCOPE_TOKEN is the token, if "
        "that one wants any.",
        ["choreoscope dashboard --port 8501 --collector http://127.0.0.1:4318"],
    )
    about = {described.name: described for described in describe()}
    for flag, name, metavar in (
        ("--host", "dashboard_host", "HOST"),
        ("--port", "dashboard_port", "PORT"),
        ("--collector", "collector", "URL"),
        ("--trace-url", "trace_url", "NAME=URL"),
        ("--login", "dashboard_login", "FILE"),
    ):
        default = about[name].default
        text = f"{about[name].help} [{default}]" if default else about[name].help
        dashboard.add_argument(flag, dest=name, metavar=metavar, help=text)
    dashboard.add_argument("--config", metavar="FILE", help="TOML file with settings")
    dashboard.set_defaults(run=_dashboard)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """A flag for every setting, with default and unit, and `--config`."""
    parser.add_argument("--config", metavar="FILE", help="TOML file with settings")
    kinds = {"whole number": "N", "number": "N", "path": "PATH"}
    kinds |= {"true or false": "BOOL", "list of names": "NAMES"}
    for setting in describe():
        if not setting.flag:
            continue
        unit = f" {setting.unit}" if setting.unit else ""
        default = f" [{setting.default}{unit}]" if setting.default else ""
        parser.add_argument(
            setting.flag,
            metavar=kinds.get(setting.type, "TEXT"),
            nargs="?" if setting.type == "true or false" else None,
            const="true" if setting.type == "true or false" else None,
            help=(setting.help + default).replace("%", "%%"),
        )


def given_settings(given: argparse.Namespace) -> Settings:
    """The settings that a command line names, completed from variables and file."""
    names = {described.name for described in describe() if described.flag} | {"config"}
    return load({name: text for name, text in vars(given).items() if name in names})


def _serve(given: argparse.Namespace) -> int:
    if given.die_with_parent:
        die_with_parent()
    settings = given_settings(given)
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
    )
    if settings.log_level != "debug":
        # Its life is told by what we print, and what clients do wrong isn't worth a line each.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    # Until the event loop listens to signals itself, both end it the same way.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        _run(settings)
    return 0


def _run(settings: Settings) -> None:
    # The engine takes half a second to load: only who serves waits for it.
    from collector.app import Addresses, serve  # noqa: PLC0415
    from collector.engine import EngineError  # noqa: PLC0415
    from collector.listening import CannotListen  # noqa: PLC0415
    from collector.schema.migrate import SchemaTooNew, SpansLost  # noqa: PLC0415

    def listening(at: Addresses) -> None:
        store = "ClickHouse" if settings.engine.startswith("clickhouse") else str(settings.data)
        print(
            f"choreoscope {version('choreoscope')} listens\n"
            f"  OTLP/HTTP, API  {at.http}\n"
            f"  OTLP/gRPC       {at.grpc}\n"
            f"  data            {store}",
            flush=True,
        )

    try:
        serve(settings, listening)
    except (CannotListen, EngineError, SchemaTooNew, SpansLost) as error:
        raise Failure(str(error)) from None


def _dashboard(given: argparse.Namespace) -> int:
    try:
        settings = given_settings(given)
    except SettingsError as error:
        raise SettingsError(str(error).replace("--dashboard-", "--")) from None
    if token := settings.token or settings.read_token:
        os.environ["CHOREOSCOPE_TOKEN"] = token
    if settings.dashboard_login:
        os.environ["CHOREOSCOPE_DASHBOARD_LOGIN"] = str(settings.dashboard_login)
    os.environ["CHOREOSCOPE_TRACE_URL"] = settings.trace_url
    sys.stdout.flush()
    os.execv(
        sys.executable,
        [
            *(sys.executable, "-P", "-m", "dashboard", "--host", settings.dashboard_host),
            *("--port", str(settings.dashboard_port), "--collector", settings.collector),
        ],
    )
