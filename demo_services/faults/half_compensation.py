"""An undoing stops in the middle: part of what was done stays done, and no error says so."""

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes, chance
from demo_services.service import Service


class HalfCompensation(Interferes):
    """The orchestrator leaves it; when the fault is over it takes up what it finds unfinished."""

    name = "half_compensation"
    summary = "Leaves a share of its undoings half done, and takes them up when the fault ends."

    def suits(self, deployment: Deployment) -> bool:
        """Who undoes something."""
        return deployment.can_abandon

    def interfere(self, service: Service, share: float) -> None:
        """Leave `share` of the undoings half done."""
        service.interference.abandons = chance(service, share)
