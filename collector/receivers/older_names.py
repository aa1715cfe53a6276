"""Names that OpenTracing and Zipkin have for what OpenTelemetry's semantic conventions name now.

What a span says stays as it is; the present names are put beside it, so that everything behind the
door knows one set of names. Sources: OpenTracing's semantic conventions (`message_bus.destination`,
`db.type`, `db.instance`), and the tags of Zipkin's Brave (`http.path`, `sql.query`, `kafka.topic`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAME = {
    "url.path": ("http.path",),
    "db.query.text": ("sql.query",),
    "db.system.name": ("db.type",),
    "db.namespace": ("db.instance",),
    "messaging.message.key": ("kafka.key",),
    "messaging.destination.name": (
        "message_bus.destination",
        "kafka.topic",
        "jms.queue",
        "jms.topic",
        "rocketmq.topic",
        "pulsar.topic",
        "nats.subject",
        "sqs.queue",
    ),
}
_KNOWN = {
    "messaging.destination.name": ("messaging.destination", "messaging.destination_publish.name"),
    "db.system.name": ("db.system",),
    "db.namespace": ("db.name",),
    "url.path": ("http.target", "url.full", "http.url"),
    "messaging.message.key": ("messaging.kafka.message.key",),
}
_SYSTEMS = {"db.system.name", "db.system", "db.type"}
_DATABASES = {
    "cassandra": "cassandra",
    "elasticsearch": "elasticsearch",
    "memcache": "memcached",
    "memcached": "memcached",
    "mongodb": "mongodb",
    "mysql": "mysql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "redis": "redis",
}
_BROKERS = ("kafka", "rabbit", "jms", "rocketmq", "pulsar", "nats", "sqs")


def present_names(tags: Mapping[str, Any]) -> dict[str, Any]:
    """What to put beside a span's tags."""
    more: dict[str, Any] = {}
    for name, others in _SAME.items():
        if name in tags or any(other in tags for other in _KNOWN.get(name, ())):
            continue
        value = next((tags[other] for other in others if tags.get(other)), None)
        if value is not None:
            more[name] = value
    if more.get("db.system.name") == "sql" or ("sql.query" in tags and not _SYSTEMS & tags.keys()):
        more["db.system.name"] = "other_sql"
    return more


def database(service: str) -> str:
    """The database that a called service is by its name, as `db.system.name`; else empty."""
    return _DATABASES.get(service.lower(), "")


def broker(tags: Mapping[str, Any]) -> str:
    """The broker that a span's tags speak of, as `messaging.system`; else empty."""
    found = next((name.partition(".")[0] for name in tags if name.startswith(_PREFIXES)), "")
    return "rabbitmq" if found == "rabbit" else found


_PREFIXES = tuple(f"{name}." for name in _BROKERS)
