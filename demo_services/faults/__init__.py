"""Everything that can go wrong, one file a fault. A new one is a file and a line here."""

from demo_services.faults.crash import Crash
from demo_services.faults.declined import Declined
from demo_services.faults.deploy import Deploy
from demo_services.faults.duplicate import Duplicate
from demo_services.faults.error import Error
from demo_services.faults.fault import Fault
from demo_services.faults.half_compensation import HalfCompensation
from demo_services.faults.lost_message import LostMessage
from demo_services.faults.poison_message import PoisonMessage
from demo_services.faults.silent_consumer import SilentConsumer
from demo_services.faults.slow_consumer import SlowConsumer
from demo_services.faults.telemetry_dropped import TelemetryDropped
from demo_services.faults.telemetry_late import TelemetryLate

_ALL: tuple[Fault, ...] = (
    SilentConsumer(),
    Crash(),
    SlowConsumer(),
    Error(),
    LostMessage(),
    PoisonMessage(),
    Duplicate(),
    Declined(),
    HalfCompensation(),
    TelemetryDropped(),
    TelemetryLate(),
    Deploy(),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
