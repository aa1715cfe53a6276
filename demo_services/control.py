"""The control API: see what runs, begin and end faults, set the traffic, change the schedule."""

import asyncio
from dataclasses import replace

from fastapi import FastAPI

from demo_services import control_models as models
from demo_services import problems
from demo_services.board import UnknownFaultError, UnknownServiceError, UnsuitableFaultError
from demo_services.control_views import active_view, schedule_view, service_view, traffic_view
from demo_services.control_views import instant as instant_of
from demo_services.faults import FAULTS
from demo_services.problems import ProblemError
from demo_services.service import Health, healthz
from demo_services.stage import Stage


def control_app(stage: Stage) -> FastAPI:
    """Build the API over a stage."""
    app = FastAPI(
        title="Choreoscope demo control",
        description="Begin and end faults in the demo services, and set their traffic.",
        version="1",
    )
    problems.install(app)
    app.add_api_route("/healthz", healthz, tags=["health"], response_model=Health)
    _add_state(app, stage)
    _add_services(app, stage)
    _add_faults(app, stage)
    _add_traffic(app, stage)
    _add_schedule(app, stage)
    return app


def _add_state(app: FastAPI, stage: Stage) -> None:
    @app.get("/state", tags=["state"])
    async def state() -> models.State:
        """Everything at a glance: services, waiting messages, faults, traffic, schedule."""
        views = (
            service_view(deployment, stage.board, stage.backlog)
            for deployment in stage.deployments.values()
        )
        return models.State(
            started_at=instant_of(stage.started_at),
            nats_url=stage.around.nats_url,
            otlp=stage.around.otlp,
            services=list(await asyncio.gather(*views)),
            faults=[active_view(fault) for fault in stage.board.active],
            traffic=traffic_view(stage.traffic.values()),
            schedule=schedule_view(stage.schedule),
        )


def _add_services(app: FastAPI, stage: Stage) -> None:
    @app.post("/services/{service}/start", tags=["services"], responses=problems.RESPONSES)
    async def start(service: str) -> models.ServiceState:
        """Start a service that doesn't run, such as one that isn't there from the beginning."""
        try:
            await stage.board.start(service)
        except UnknownServiceError:
            raise _unknown_service(stage, service) from None
        return await service_view(stage.deployments[service], stage.board, stage.backlog)

    @app.post("/services/{service}/stop", tags=["services"], responses=problems.RESPONSES)
    async def stop(service: str) -> models.ServiceState:
        """Stop a service gently, as if it were taken out of the system."""
        try:
            await stage.board.stop(service)
        except UnknownServiceError:
            raise _unknown_service(stage, service) from None
        return await service_view(stage.deployments[service], stage.board, stage.backlog)


def _add_faults(app: FastAPI, stage: Stage) -> None:
    @app.get("/faults", tags=["faults"])
    async def faults() -> models.Faults:
        """What goes wrong now, and what could."""
        return models.Faults(
            active=[active_view(fault) for fault in stage.board.active],
            known=[
                models.KnownFault(
                    fault=fault.name,
                    summary=fault.summary,
                    services=[d.name for d in stage.deployments.values() if fault.suits(d)],
                )
                for fault in FAULTS.values()
            ],
        )

    @app.post("/faults", tags=["faults"], status_code=201, responses=problems.RESPONSES)
    async def begin(order: models.FaultOrder) -> models.ActiveFault:
        """Begin a fault; one that the service already has is ended first."""
        try:
            fault = await stage.board.begin(order.service, order.fault, order.seconds, order.share)
        except UnknownServiceError:
            raise _unknown_service(stage, order.service) from None
        except UnknownFaultError:
            raise _unknown_fault(order.fault) from None
        except UnsuitableFaultError as error:
            raise ProblemError(422, "Unsuitable fault", str(error)) from None
        return active_view(fault)

    @app.delete("/faults/{service}", tags=["faults"], responses=problems.RESPONSES)
    async def end(service: str) -> models.EndedFaults:
        """End what is wrong with a service."""
        try:
            fault = await stage.board.end(service)
        except UnknownServiceError:
            raise _unknown_service(stage, service) from None
        return models.EndedFaults(ended=[active_view(fault)] if fault else [])

    @app.delete("/faults", tags=["faults"])
    async def end_all() -> models.EndedFaults:
        """End everything that is wrong."""
        ended = [await stage.board.end(fault.service) for fault in stage.board.active]
        return models.EndedFaults(ended=[active_view(fault) for fault in ended if fault])


def _add_traffic(app: FastAPI, stage: Stage) -> None:
    @app.get("/traffic", tags=["traffic"])
    async def traffic() -> models.Traffic:
        """How many orders were sent, accepted and refused since the start."""
        return traffic_view(stage.traffic.values())

    @app.post("/traffic", tags=["traffic"], responses=problems.RESPONSES)
    async def set_traffic(order: models.TrafficOrder) -> models.Traffic:
        """Set how many orders a second customers place, from now on."""
        if order.system is not None and order.system not in stage.traffic:
            detail = f"there is no traffic to a system {order.system!r} here"
            raise ProblemError(404, "Unknown system", detail, stage.traffic)
        for system, customers in stage.traffic.items():
            if order.system in (None, system):
                customers.rate = order.rate
        return traffic_view(stage.traffic.values())


def _add_schedule(app: FastAPI, stage: Stage) -> None:
    @app.get("/schedule", tags=["schedule"])
    async def schedule() -> models.Schedule:
        """The faults that come by themselves."""
        return schedule_view(stage.schedule)

    @app.post("/schedule", tags=["schedule"], responses=problems.RESPONSES)
    async def set_schedule(order: models.ScheduleOrder) -> models.Schedule:
        """Change the schedule; it starts over from now, and a running fault ends in its time."""
        plan = replace(stage.schedule.plan, **order.model_dump(exclude_none=True))
        if plan.service not in stage.deployments:
            raise _unknown_service(stage, plan.service)
        if plan.fault not in FAULTS:
            raise _unknown_fault(plan.fault)
        if plan.every <= plan.lasts:
            detail = f"every ({plan.every:g} s) has to be longer than lasts ({plan.lasts:g} s)"
            raise ProblemError(422, "Invalid schedule", detail)
        await stage.schedule.follow(plan)
        return schedule_view(stage.schedule)


def _unknown_service(stage: Stage, service: str) -> ProblemError:
    detail = f"no service {service!r} runs here"
    return ProblemError(404, "Unknown service", detail, stage.deployments)


def _unknown_fault(fault: str) -> ProblemError:
    return ProblemError(422, "Unknown fault", f"there is no fault {fault!r}", FAULTS)
