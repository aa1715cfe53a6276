"""One run of the process: start everything, wait for a signal, stop everything."""

import asyncio
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from demo_services.addresses import Addresses
from demo_services.command import Options
from demo_services.control import control_app
from demo_services.http_server import HttpServer
from demo_services.nats_server import NatsServer
from demo_services.stage import Stage
from demo_services.system import Surroundings

logger = logging.getLogger(__name__)

STOP_S = 15.0
"""A stop that takes longer is a hang; then the process ends by force."""


async def run(options: Options) -> None:
    """Run until SIGTERM or SIGINT. Raises OSError when an address or folder can't be used."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _begin_to_stop, stop)
    async with AsyncExitStack() as stack:
        started = await _unless(stop, _start(options, stack, partial(_begin_to_stop, stop)))
        if started:
            logger.info("ready")
            await stop.wait()
        logger.info("stopping")
    logger.info("stopped")


async def _start(options: Options, stack: AsyncExitStack, on_loss: Callable[[], None]) -> None:
    """Start NATS, the control API and the services; `stack` stops them in reverse order.

    `on_loss` is called when our nats-server ends by itself: nothing can go on without it.
    """
    folder = options.data
    if folder is None:
        temporary = tempfile.TemporaryDirectory(prefix="demo-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
    folder.mkdir(parents=True, exist_ok=True)
    nats_url = options.nats_url
    if nats_url is None:
        nats = NatsServer(folder / "nats", on_loss)
        stack.push_async_callback(nats.stop)
        await nats.start()
        nats_url = nats.url
    logger.info("NATS       %s", nats_url)
    around = Surroundings(
        nats_url=nats_url,
        otlp=options.otlp,
        otlp_protocol=options.otlp_protocol,
        data=folder,
        host=options.host,
        seed=options.seed,
        addresses=Addresses(options.peers),
        database_url=options.database,
    )
    stage = Stage(options.systems, around, options.plan, options.port, options.day)
    if options.control_port is not None:
        control = HttpServer(control_app(stage), options.control_host, options.control_port)
        stack.push_async_callback(control.stop)
    stack.push_async_callback(stage.stop)
    await stage.start(options.rate)
    for deployment in stage.deployments.values():
        if deployment.deployed:
            logger.info("service    %s %s", deployment.url, deployment.name)
    if options.control_port is not None:
        await control.start()
        logger.info("control    %s/docs", control.url)
    logger.info("collector  %s (%s)", options.otlp, options.otlp_protocol)
    plan = options.plan
    if plan.enabled:
        logger.info(
            "schedule   %s at %s in %g s for %g s, then every %g s",
            *(plan.fault, plan.service, plan.first, plan.lasts, plan.every),
        )
    if stage.traffic:
        logger.info("customers  %g orders/s in each system, seed %d", options.rate, options.seed)


async def _unless(stop: asyncio.Event, starting: Coroutine[None, None, None]) -> bool:
    """Start, but give up as soon as we are asked to stop; return whether it was finished."""
    start, stopped = asyncio.create_task(starting), asyncio.create_task(stop.wait())
    await asyncio.wait((start, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if start.done():
        start.result()
        return True
    start.cancel()
    await asyncio.gather(start, return_exceptions=True)
    return False


def _begin_to_stop(stop: asyncio.Event) -> None:
    """Stop; more signals change nothing (Ctrl-C reaches us directly and through our parent)."""
    if not stop.is_set():
        stop.set()
        deadline = threading.Timer(STOP_S, os._exit, (1,))
        deadline.daemon = True
        deadline.start()
