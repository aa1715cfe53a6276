"""How the control API shows what runs: from the stage's objects to the API's models."""

from collections.abc import Iterable
from datetime import UTC, datetime

from demo_services import control_models as models
from demo_services.backlog import Backlog
from demo_services.board import ActiveFault, Board
from demo_services.deployment import Deployment
from demo_services.schedule import Schedule
from demo_services.traffic import Traffic


def instant(unix_seconds: float) -> datetime:
    """Turn Unix seconds into what the API gives."""
    return datetime.fromtimestamp(unix_seconds, UTC)


def active_view(fault: ActiveFault) -> models.ActiveFault:
    """Show a fault that goes on."""
    return models.ActiveFault(
        service=fault.service,
        fault=fault.fault,
        began_at=instant(fault.began_at),
        ends_at=None if fault.ends_at is None else instant(fault.ends_at),
    )


async def service_view(
    deployment: Deployment, board: Board, backlog: Backlog
) -> models.ServiceState:
    """Show a service; asks the broker how much waits for it."""
    service, system = deployment.service, deployment.system.name
    fault = board.at(deployment.name)
    return models.ServiceState(
        service=deployment.name,
        system=system,
        version=deployment.version,
        url=deployment.url,
        up=service is not None,
        instance_id=None if service is None else service.telemetry.instance_id,
        consumes=[
            models.Consumption(
                subject=subject, waiting=await backlog.waiting(system, deployment.name, subject)
            )
            for subject in deployment.consumes
        ],
        publishes=list(deployment.publishes),
        fault=None if fault is None else active_view(fault),
    )


def traffic_view(all_traffic: Iterable[Traffic]) -> models.Traffic:
    """Show what customers sent, by system and in sum."""
    systems = [_system_view(traffic) for traffic in all_traffic]
    return models.Traffic(
        rate=sum(system.rate for system in systems),
        pace=sum(system.pace for system in systems),
        sent=sum(system.sent for system in systems),
        accepted=sum(system.accepted for system in systems),
        declined=sum(system.declined for system in systems),
        refused=sum(system.refused for system in systems),
        systems=systems,
    )


def _system_view(traffic: Traffic) -> models.SystemTraffic:
    workflows = [
        models.WorkflowTraffic(
            workflow=workflow,
            sent=sent.sent,
            accepted=sent.accepted,
            declined=sent.declined,
            refused=sent.refused,
            last_order_id=sent.last_order_id,
        )
        for workflow, sent in traffic.sent.items()
    ]
    return models.SystemTraffic(
        system=traffic.system,
        rate=traffic.rate,
        pace=traffic.pace,
        sent=sum(workflow.sent for workflow in workflows),
        accepted=sum(workflow.accepted for workflow in workflows),
        declined=sum(workflow.declined for workflow in workflows),
        refused=sum(workflow.refused for workflow in workflows),
        last_order_id=workflows[0].last_order_id,
        workflows=workflows,
    )


def schedule_view(schedule: Schedule) -> models.Schedule:
    """Show the schedule and when it strikes next."""
    plan = schedule.plan
    return models.Schedule(
        enabled=plan.enabled,
        service=plan.service,
        fault=plan.fault,
        first=plan.first,
        lasts=plan.lasts,
        every=plan.every,
        next_at=None if schedule.next_at is None else instant(schedule.next_at),
    )
