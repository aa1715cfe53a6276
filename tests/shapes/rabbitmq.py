"""RabbitMQ, Celery: handlers below the producer's span, exchanges and queues, links instead."""

from tests.shapes.shape import CLIENT, CONSUMER, INTERNAL, PRODUCER, Shape, placed, span

# pika and aio-pika: old names; the receive span covers the callback.
_PIKA_SEND = {
    "messaging.system": "rabbitmq",
    "messaging.temp_destination": True,
    "messaging.destination": "~orders",
    "net.peer.name": "rabbit",
    "net.peer.port": 5672,
}
_PIKA_RECEIVE = {
    "messaging.system": "rabbitmq",
    "messaging.operation": "receive",
    "messaging.destination": "~orders",
    "net.peer.name": "rabbit",
    "net.peer.port": 5672,
}
_IDS = {"messaging.message.id": "~m1", "messaging.message.conversation_id": "~c1"}
_OLD_IDS = {"messaging.message_id": "~m1", "messaging.conversation_id": "~c1"}

PIKA = Shape(
    "pika",
    "The consumer's span is the producer's child and covers the callback, also its next message.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "~orders send",
            PRODUCER,
            {**_PIKA_SEND, **_OLD_IDS},
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "~orders receive",
            CONSUMER,
            {**_PIKA_RECEIVE, **_OLD_IDS},
            under="sent",
            at=0.3,
        ),
        span("reserved", "stock", "reserve", INTERNAL, under="got", at=0.305, took=0.01),
        span(
            "told",
            "stock",
            "~reserved send",
            PRODUCER,
            {**_PIKA_SEND, "messaging.destination": "~reserved"},
            under="reserved",
            at=0.307,
            took=0.005,
        ),
    ],
    orders={"A": "placedA sent got reserved told"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
            "stock send ~reserved ← stock receive ~orders",
        ]
    },
    calls={
        "shop > topic:~orders": 1,
        "topic:~orders > stock": 1,
        "stock > topic:~reserved": 1,
    },
    messages={"A": ["~orders: shop → stock, id ~m1", "~reserved: stock → nobody"]},
)

AIO_PIKA = Shape(
    "aio_pika",
    "As pika, with the operation `process`; redelivered after it had failed.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "~orders send",
            PRODUCER,
            {**_PIKA_SEND, **_IDS},
            under="placedA",
            at=0.02,
        ),
        span(
            "failed",
            "stock",
            "~orders receive",
            CONSUMER,
            {**_PIKA_RECEIVE, **_IDS},
            under="sent",
            at=0.3,
            error="no connection",
        ),
        span(
            "got",
            "stock",
            "~orders receive",
            CONSUMER,
            {**_PIKA_RECEIVE, **_IDS},
            under="sent",
            at=1.3,
        ),
    ],
    orders={"A": "placedA sent failed got"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ×2 ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 2},
    messages={"A": ["~orders: shop → stock ×2, id ~m1"]},
)


def _task(name: str, **more: object) -> dict[str, object]:
    return {
        "celery.task_name": name,
        "messaging.message.id": f"~{name}-1",
        "messaging.destination": "~celery",
        "messaging.destination_kind": "queue",
        **more,
    }


CELERY = Shape(
    "celery",
    "Two tasks share a queue: they are two steps, told apart by the task's name.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "apply_async/charge",
            PRODUCER,
            _task("charge", **{"celery.action": "apply_async"}),
            under="placedA",
            at=0.02,
        ),
        span(
            "ran",
            "worker",
            "run/charge",
            CONSUMER,
            _task("charge", **{"celery.action": "run", "celery.state": "SUCCESS"}),
            under="sent",
            at=0.3,
            took=0.3,
        ),
        span(
            "told",
            "worker",
            "apply_async/ship",
            PRODUCER,
            _task("ship", **{"celery.action": "apply_async"}),
            under="ran",
            at=0.5,
        ),
        span(
            "shipped",
            "worker",
            "run/ship",
            CONSUMER,
            _task("ship", **{"celery.action": "run", "celery.state": "SUCCESS"}),
            under="told",
            at=0.7,
        ),
    ],
    orders={"A": "placedA sent ran told shipped"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~celery charge ← shop serve POST /orders",
            "worker process ~celery charge ← shop send ~celery charge",
            "worker send ~celery ship ← worker process ~celery charge",
            "worker process ~celery ship ← worker send ~celery ship",
        ]
    },
    calls={
        "shop > topic:~celery": 1,
        "worker > topic:~celery": 1,
        "topic:~celery > worker": 2,
    },
    messages={
        "A": ["~celery: shop → worker, id ~charge-1", "~celery: worker → worker, id ~ship-1"]
    },
)

_JAVA_RABBIT = {"messaging.system": "rabbitmq", "server.address": "rabbit"}

JAVA_RABBITMQ = Shape(
    "java_rabbitmq",
    "An exchange with two queues: the handlers are children; the acknowledgement is no message.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "~orders publish",
            PRODUCER,
            {
                **_JAVA_RABBIT,
                "messaging.destination.name": "~orders",
                "messaging.rabbitmq.destination.routing_key": "placed",
                "messaging.operation": "publish",
            },
            under="placedA",
            at=0.02,
        ),
        *(
            span(
                f"{service}-got",
                service,
                "~orders process",
                CONSUMER,
                {
                    **_JAVA_RABBIT,
                    "messaging.destination.name": "~orders",
                    "messaging.rabbitmq.destination.routing_key": "placed",
                    "messaging.operation": "process",
                    "messaging.message.id": "~m1",
                },
                under="sent",
                at=0.3,
            )
            for service in ("stock", "mail")
        ),
        span(
            "acked",
            "stock",
            "ack ~orders",
            CLIENT,
            {
                **_JAVA_RABBIT,
                "messaging.destination.name": "~orders",
                "messaging.operation.name": "ack",
                "messaging.operation.type": "settle",
            },
            under="stock-got",
            at=0.31,
            took=0.001,
        ),
    ],
    orders={"A": "placedA sent stock-got mail-got acked"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "mail process ~orders ← shop send ~orders",
            "stock process ~orders ← shop send ~orders",
        ]
    },
    calls={
        "shop > topic:~orders": 1,
        "topic:~orders > stock": 1,
        "topic:~orders > mail": 1,
    },
    messages={"A": ["~orders: shop → mail, id ~m1", "~orders: shop → stock, id ~m1"]},
)

RABBITMQ_QUEUE = Shape(
    "rabbitmq_queue",
    "The producer names the exchange, the consumer its queue: one topic on the map, the exchange.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "publish ~orders",
            PRODUCER,
            {
                **_JAVA_RABBIT,
                "messaging.destination.name": "~orders",
                "messaging.operation.type": "send",
            },
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "consume ~stock-queue",
            CONSUMER,
            {
                **_JAVA_RABBIT,
                "messaging.destination.name": "~stock-queue",
                "messaging.operation.type": "process",
            },
            trace="there",
            links=["sent"],
            at=0.3,
        ),
        span(
            "mailed",
            "mail",
            "consume ~mail-queue",
            CONSUMER,
            {
                **_JAVA_RABBIT,
                "messaging.destination.name": "~mail-queue",
                "messaging.operation.type": "process",
            },
            under="sent",
            at=0.35,
        ),
    ],
    orders={"A": "placedA sent got mailed"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock process ~stock-queue ← shop send ~orders",
            "mail process ~mail-queue ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 1, "topic:~orders > mail": 1},
    messages={"A": ["~orders: shop → stock", "~orders: shop → mail"]},
)

_AMQPLIB = {"messaging.system": "rabbitmq", "messaging.destination": "~orders"}
_AMQPLIB_RECEIVE = {**_AMQPLIB, "messaging.operation": "process"}

AMQPLIB = Shape(
    "amqplib",
    "Node's amqplib by default: the consumer is the producer's child.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "publish ~orders",
            PRODUCER,
            {**_AMQPLIB, "messaging.rabbitmq.routing_key": "placed", **_OLD_IDS},
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "~orders process",
            CONSUMER,
            {**_AMQPLIB_RECEIVE, **_OLD_IDS},
            under="sent",
            at=0.3,
        ),
    ],
    orders={"A": "placedA sent got"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock process ~orders ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 1},
    messages={"A": ["~orders: shop → stock, id ~m1"]},
)

AMQPLIB_LINKS = Shape(
    "amqplib_links",
    "With useLinksForConsume: a trace of its own that links to the producer.",
    [
        placed(),
        span("sent", "shop", "publish ~orders", PRODUCER, _AMQPLIB, under="placedA", at=0.02),
        span("got", "stock", "~orders process", CONSUMER, _AMQPLIB_RECEIVE, links=["sent"], at=0.3),
        span("reserved", "stock", "reserve", INTERNAL, under="got", at=0.305, took=0.01),
    ],
    orders={"A": "placedA sent got reserved"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock process ~orders ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 1},
    messages={"A": ["~orders: shop → stock"]},
)

SHAPES = [PIKA, AIO_PIKA, CELERY, JAVA_RABBITMQ, RABBITMQ_QUEUE, AMQPLIB, AMQPLIB_LINKS]
