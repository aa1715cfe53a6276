"""Kafka from the JVM, Node and Go: children, links, both, and batches."""

from tests.shapes.shape import CLIENT, CONSUMER, INTERNAL, PRODUCER, Shape, placed, span

_KAFKA = {"messaging.system": "kafka", "messaging.destination.name": "~orders"}
_SEND = {**_KAFKA, "messaging.operation": "publish", "messaging.client_id": "producer-1"}
_TAKEN = {**_KAFKA, "messaging.kafka.consumer.group": "stock"}
_RECEIVE = {**_TAKEN, "messaging.operation": "receive", "messaging.batch.message_count": 1}
_PROCESS = {
    **_TAKEN,
    "messaging.operation": "process",
    "messaging.destination.partition.id": "3",
    "messaging.kafka.message.offset": 11,
    "messaging.kafka.message.key": "k",
}
_STEPS = {
    "A": [
        "shop serve POST /orders",
        "shop send ~orders ← shop serve POST /orders",
        "stock process ~orders ← shop send ~orders",
    ]
}
_CALLS = {"shop > topic:~orders": 1, "topic:~orders > stock": 1}
_MESSAGES = {"A": ["~orders: shop → stock, partition 3, offset 11"]}

JAVA_KAFKA = Shape(
    "java_kafka",
    "Java agent, as it comes: process below the producer's span.",
    [
        placed(),
        span("sent", "shop", "~orders publish", PRODUCER, _SEND, under="placedA", at=0.02),
        span("got", "stock", "~orders process", CONSUMER, _PROCESS, under="sent", at=0.3, took=0.2),
        span(
            "row",
            "stock",
            "INSERT stock",
            CLIENT,
            {"db.system": "postgresql", "db.name": "stock"},
            under="got",
            at=0.31,
        ),
    ],
    orders={"A": "placedA sent got row"},
    steps=_STEPS,
    calls={**_CALLS, "stock > db:postgresql:stock": 1},
    messages=_MESSAGES,
)

JAVA_KAFKA_RECEIVE = Shape(
    "java_kafka_receive",
    "With receive telemetry: receive in a trace of its own, process below it with a link.",
    [
        placed(),
        span("sent", "shop", "~orders publish", PRODUCER, _SEND, under="placedA", at=0.02),
        span("polled", "stock", "~orders receive", CONSUMER, _RECEIVE, at=0.29, took=0.01),
        span(
            "got",
            "stock",
            "~orders process",
            CONSUMER,
            _PROCESS,
            under="polled",
            links=["sent"],
            at=0.3,
            took=0.2,
        ),
    ],
    orders={"A": "placedA sent polled got"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
            "stock process ~orders ← stock receive ~orders",
        ]
    },
    calls=_CALLS,
    messages=_MESSAGES,
)

JAVA_KAFKA_STABLE = Shape(
    "java_kafka_stable",
    "With the stable conventions opted in: the producer is parent and link, and one message.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "send ~orders",
            PRODUCER,
            {**_KAFKA, "messaging.operation.type": "send", "messaging.operation.name": "send"},
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "process ~orders",
            CONSUMER,
            {
                **_KAFKA,
                "messaging.consumer.group.name": "stock",
                "messaging.operation.type": "process",
                "messaging.operation.name": "process",
                "messaging.destination.partition.id": "3",
                "messaging.kafka.offset": 11,
            },
            under="sent",
            links=["sent"],
            at=0.3,
        ),
    ],
    orders={"A": "placedA sent got"},
    steps=_STEPS,
    calls=_CALLS,
    messages=_MESSAGES,
)

JAVA_KAFKA_BATCH = Shape(
    "java_kafka_batch",
    "A batch listener: one process span with a link a message; what it does is shared.",
    [
        placed("A"),
        span("sentA", "shop", "~orders publish", PRODUCER, _SEND, under="placedA", at=0.02),
        placed("B", at=0.05),
        span("sentB", "shop", "~orders publish", PRODUCER, _SEND, under="placedB", at=0.06),
        span(
            "batch",
            "stock",
            "~orders process",
            CONSUMER,
            {**_TAKEN, "messaging.operation": "process", "messaging.batch.message_count": 2},
            links=["sentA", "sentB"],
            at=0.3,
            took=0.2,
        ),
        span(
            "row",
            "stock",
            "INSERT stock",
            CLIENT,
            {"db.system": "postgresql", "db.name": "stock"},
            under="batch",
            at=0.31,
        ),
    ],
    orders={"A": "placedA sentA batch row", "B": "placedB sentB batch row"},
    steps=dict.fromkeys("AB", _STEPS["A"]),
    calls={
        "shop > topic:~orders": 2,
        "topic:~orders > stock": 2,
        "stock > db:postgresql:stock": 1,
    },
    messages={order: ["~orders: shop → stock"] for order in "AB"},
)

_KAFKAJS = {"messaging.system": "kafka", "messaging.destination.name": "~orders"}
_KAFKAJS_SEND = {
    **_KAFKAJS,
    "messaging.operation.type": "send",
    "messaging.operation.name": "send",
    "messaging.destination.partition.id": "3",
}


def _kafkajs_process(offset: int) -> dict[str, object]:
    return {
        **_KAFKAJS,
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.partition.id": "3",
        "messaging.kafka.offset": str(offset),
    }


KAFKAJS_MESSAGE = Shape(
    "kafkajs_message",
    "kafkajs, eachMessage: process below the producer's span.",
    [
        placed(),
        span("sent", "shop", "send ~orders", PRODUCER, _KAFKAJS_SEND, under="placedA", at=0.02),
        span(
            "got", "stock", "process ~orders", CONSUMER, _kafkajs_process(11), under="sent", at=0.3
        ),
    ],
    orders={"A": "placedA sent got"},
    steps=_STEPS,
    calls=_CALLS,
    messages=_MESSAGES,
)

KAFKAJS_BATCH = Shape(
    "kafkajs_batch",
    "kafkajs, eachBatch: below a receive span one process span a message, with a link; the "
    "handler's own spans hang under the receive span and are shared.",
    [
        placed("A"),
        span("sentA", "shop", "send ~orders", PRODUCER, _KAFKAJS_SEND, under="placedA", at=0.02),
        placed("B", at=0.05),
        span("sentB", "shop", "send ~orders", PRODUCER, _KAFKAJS_SEND, under="placedB", at=0.06),
        span(
            "batch",
            "stock",
            "poll ~orders",
            CLIENT,
            {
                **_KAFKAJS,
                "messaging.operation.type": "receive",
                "messaging.operation.name": "poll",
                "messaging.batch.message_count": 2,
            },
            at=0.3,
            took=0.2,
        ),
        span(
            "gotA",
            "stock",
            "process ~orders",
            CONSUMER,
            _kafkajs_process(11),
            under="batch",
            links=["sentA"],
            at=0.301,
        ),
        span(
            "gotB",
            "stock",
            "process ~orders",
            CONSUMER,
            _kafkajs_process(12),
            under="batch",
            links=["sentB"],
            at=0.302,
        ),
        span("reserved", "stock", "reserve", INTERNAL, under="batch", at=0.31),
    ],
    orders={"A": "placedA sentA batch gotA reserved", "B": "placedB sentB batch gotB reserved"},
    steps={
        order: [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
            "stock process ~orders ← stock receive ~orders",
        ]
        for order in "AB"
    },
    calls={"shop > topic:~orders": 2, "topic:~orders > stock": 2},
    messages={
        "A": ["~orders: shop → stock, partition 3, offset 11"],
        "B": ["~orders: shop → stock, partition 3, offset 12"],
    },
)

SARAMA = Shape(
    "otelsarama",
    "Go, otelsarama: the consumer's span is a child; the handler's only if it gets the context.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "~orders publish",
            PRODUCER,
            {
                "messaging.system": "kafka",
                "messaging.destination_kind": "topic",
                "messaging.destination": "~orders",
                "messaging.message_id": "11",
                "messaging.kafka.partition": 3,
            },
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "~orders receive",
            CONSUMER,
            {
                "messaging.system": "kafka",
                "messaging.destination_kind": "topic",
                "messaging.destination": "~orders",
                "messaging.operation": "receive",
                "messaging.message_id": "11",
                "messaging.kafka.partition": 3,
            },
            under="sent",
            at=0.3,
        ),
        span("lost", "stock", "reserve", INTERNAL, at=0.31),
    ],
    orders={"A": "placedA sent got"},
    runs=["lost"],
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
        ]
    },
    calls=_CALLS,
    messages={"A": ["~orders: shop → stock, partition 3, id 11"]},
)

SHAPES = [
    JAVA_KAFKA,
    JAVA_KAFKA_RECEIVE,
    JAVA_KAFKA_STABLE,
    JAVA_KAFKA_BATCH,
    KAFKAJS_MESSAGE,
    KAFKAJS_BATCH,
    SARAMA,
]
