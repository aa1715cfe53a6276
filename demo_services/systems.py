"""The demo's systems, in the order in which they are shown."""

from demo_services.aggregator import AGGREGATOR
from demo_services.fulfilment import FULFILMENT
from demo_services.marketplace import MARKETPLACE
from demo_services.saga import SAGA
from demo_services.store import STORE
from demo_services.sync import SYNC
from demo_services.system import System

SYSTEMS: tuple[System, ...] = (FULFILMENT, SAGA, MARKETPLACE, AGGREGATOR, STORE, SYNC)
