"""Answers that are needed at once: a login with a one-time password, and recommendations."""

from demo_services.customers import Customer, draw_customer
from demo_services.sync.inventory import INVENTORY
from demo_services.sync.login import LOGIN
from demo_services.sync.notification import NOTIFICATION
from demo_services.sync.recommendation import RECOMMENDATION
from demo_services.system import Journey, System


async def log_in(customer: Customer) -> str:
    """Ask for a one-time password, read it, and type it in: two requests, one login."""
    begun = await customer.post(LOGIN.name, "/logins", {"customer": draw_customer(customer.random)})
    login_id = str(begun["login_id"])
    await customer.post(LOGIN.name, f"/logins/{login_id}/code", {"code": begun["hint"]})
    return login_id


async def look_around(customer: Customer) -> str:
    """See what is recommended. Nothing in it has an id that would outlive the request."""
    await customer.get(RECOMMENDATION.name, f"/recommendations/{draw_customer(customer.random)}")
    return ""


SYNC = System(
    name="sync",
    subjects=(),
    blueprints=(LOGIN, NOTIFICATION, RECOMMENDATION, INVENTORY),
    entry=LOGIN.name,
    journeys=(
        Journey("login", log_in),
        Journey("sync-recommendation GET /recommendations/{customer}", look_around),
    ),
)
