"""Everything that can go wrong, one file a fault. A new one is a file and a line here."""

from demo_services.faults.crash import Crash
from demo_services.faults.error import Error
from demo_services.faults.fault import Fault
from demo_services.faults.lost_message import LostMessage
from demo_services.faults.silent_consumer import SilentConsumer
from demo_services.faults.slow_consumer import SlowConsumer

_ALL: tuple[Fault, ...] = (SilentConsumer(), Crash(), SlowConsumer(), Error(), LostMessage())

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
