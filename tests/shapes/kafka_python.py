"""Kafka from Python: receive spans that end before the handler runs, links only, batches."""

from tests.shapes.shape import CONSUMER, INTERNAL, PRODUCER, Shape, placed, span

# kafka-python's instrumentation: old names, no operation, no key, no offset.
_KAFKA_PYTHON = {
    "messaging.system": "kafka",
    "messaging.destination": "~orders",
    "messaging.kafka.partition": 0,
    "messaging.url": '["broker:9092"]',
}
# aiokafka's: present names.
_AIOKAFKA = {
    "messaging.system": "kafka",
    "messaging.client_id": "shop",
    "server.address": '"broker:9092"',
    "messaging.destination.name": "~orders",
    "messaging.destination.partition.id": "0",
}
_AIO_SEND = {
    **_AIOKAFKA,
    "messaging.operation.name": "send",
    "messaging.operation.type": "publish",
}
_AIO_RECEIVE = {
    **_AIOKAFKA,
    "messaging.consumer.group.name": "stock",
    "messaging.operation.name": "receive",
    "messaging.operation.type": "receive",
}


def _aio_record(offset: int) -> dict[str, object]:
    return {
        **_AIO_RECEIVE,
        "messaging.kafka.message.offset": offset,
        "messaging.message.id": f"~orders.0.{offset}",
    }


# confluent-kafka's: the producer's span says that it receives.
_CONFLUENT = {
    "messaging.system": "kafka",
    "messaging.destination": "~orders",
    "messaging.destination_kind": "queue",
}
_CONFLUENT_SEND = {**_CONFLUENT, "messaging.operation": "receive"}

KAFKA_PYTHON = Shape(
    "kafka_python",
    "The receive span is in the producer's trace and over before the handler runs; the handler's "
    "spans are new traces without a key or a link: runs of their own.",
    [
        placed(),
        span("sent", "shop", "~orders send", PRODUCER, _KAFKA_PYTHON, under="placedA", at=0.02),
        span(
            "got",
            "stock",
            "~orders receive",
            CONSUMER,
            _KAFKA_PYTHON,
            under="sent",
            at=0.3,
            took=0.0,
        ),
        span("reserved", "stock", "reserve", INTERNAL, at=0.31),
        span("counted", "stock", "count", INTERNAL, under="reserved", at=0.315, took=0.01),
    ],
    orders={"A": "placedA sent got"},
    runs=["reserved counted"],
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 1},
    messages={"A": ["~orders: shop → stock, partition 0"]},
)

KAFKA_PYTHON_KEYED = Shape(
    "kafka_python_keyed",
    "As before, but the handler sets the order's id on its own span: its trace is the order's.",
    [
        placed(),
        span("sent", "shop", "~orders send", PRODUCER, _KAFKA_PYTHON, under="placedA", at=0.02),
        span(
            "got",
            "stock",
            "~orders receive",
            CONSUMER,
            _KAFKA_PYTHON,
            under="sent",
            at=0.3,
            took=0.0,
        ),
        span("reserved", "stock", "reserve", INTERNAL, order="A", at=0.31),
        span("counted", "stock", "count", INTERNAL, under="reserved", at=0.315, took=0.01),
    ],
    orders={"A": "placedA sent got reserved counted"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
            "stock serve reserve",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 1},
    messages={"A": ["~orders: shop → stock, partition 0"]},
)

AIOKAFKA_GETONE = Shape(
    "aiokafka_getone",
    "Like kafka-python, with offset and message id; the message was delivered twice.",
    [
        placed(),
        span("sent", "shop", "~orders send", PRODUCER, _AIO_SEND, under="placedA", at=0.02),
        span(
            "got",
            "stock",
            "~orders receive",
            CONSUMER,
            _aio_record(7),
            under="sent",
            at=0.3,
            took=0.0,
        ),
        span(
            "again",
            "stock",
            "~orders receive",
            CONSUMER,
            _aio_record(7),
            under="sent",
            at=5,
            took=0.0,
        ),
    ],
    orders={"A": "placedA sent got again"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ×2 ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 2},
    messages={"A": ["~orders: shop → stock ×2, partition 0, offset 7, id ~orders.0.7"]},
)

AIOKAFKA_GETMANY = Shape(
    "aiokafka_getmany",
    "A poll span and a topic span in a trace of their own; a receive span a record in the "
    "producers' traces, to which the topic span links. Two messages, not four.",
    [
        placed("A"),
        span("sentA", "shop", "~orders send", PRODUCER, _AIO_SEND, under="placedA", at=0.02),
        placed("B", at=0.05),
        span("sentB", "shop", "~orders send", PRODUCER, _AIO_SEND, under="placedB", at=0.06),
        span(
            "poll",
            "stock",
            "kafka poll",
            CONSUMER,
            {
                "messaging.system": "kafka",
                "server.address": '"broker:9092"',
                "messaging.consumer.group.name": "stock",
                "messaging.batch.message_count": 2,
                "messaging.operation.name": "receive",
                "messaging.operation.type": "receive",
            },
            at=0.3,
        ),
        span(
            "gotA",
            "stock",
            "~orders receive",
            CONSUMER,
            _aio_record(7),
            under="sentA",
            at=0.302,
            took=0.0,
        ),
        span(
            "gotB",
            "stock",
            "~orders receive",
            CONSUMER,
            _aio_record(8),
            under="sentB",
            at=0.303,
            took=0.0,
        ),
        span(
            "batch",
            "stock",
            "~orders receive",
            CONSUMER,
            {**_AIO_RECEIVE, "messaging.batch.message_count": 2},
            under="poll",
            links=["gotA", "gotB"],
            at=0.301,
            took=0.01,
        ),
    ],
    orders={"A": "placedA sentA gotA poll batch", "B": "placedB sentB gotB poll batch"},
    steps={
        order: [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
        ]
        for order in "AB"
    },
    calls={"shop > topic:~orders": 2, "topic:~orders > stock": 2},
    messages={
        "A": ["~orders: shop → stock, partition 0, offset 7, id ~orders.0.7"],
        "B": ["~orders: shop → stock, partition 0, offset 8, id ~orders.0.8"],
    },
)

CONFLUENT = Shape(
    "confluent",
    "A nameless recv span and below it the handler's, which links to the producer: another trace.",
    [
        placed(),
        span("sent", "shop", "~orders send", PRODUCER, _CONFLUENT_SEND, under="placedA", at=0.02),
        span("recv", "stock", "recv", CONSUMER, at=0.3, took=0.001),
        span(
            "handled",
            "stock",
            "~orders process",
            CONSUMER,
            {
                **_CONFLUENT,
                "messaging.operation": "process",
                "messaging.kafka.partition": 2,
                "messaging.message.id": "~orders.2.40",
            },
            under="recv",
            links=["sent"],
            at=0.3005,
            took=0.2,
        ),
        span("reserved", "stock", "reserve", INTERNAL, under="handled", at=0.35),
    ],
    orders={"A": "placedA sent recv handled reserved"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock process ~orders ← shop send ~orders",
        ]
    },
    calls={"shop > topic:~orders": 1, "topic:~orders > stock": 1},
    messages={"A": ["~orders: shop → stock, partition 2, offset 40, id ~orders.2.40"]},
)

CONFLUENT_CONSUME = Shape(
    "confluent_consume",
    "One process span links to the producers of three messages, two of them one order's.",
    [
        placed("A"),
        span("sentA", "shop", "~orders send", PRODUCER, _CONFLUENT_SEND, under="placedA", at=0.02),
        span("moreA", "shop", "~orders send", PRODUCER, _CONFLUENT_SEND, under="placedA", at=0.04),
        placed("B", at=0.05),
        span("sentB", "shop", "~orders send", PRODUCER, _CONFLUENT_SEND, under="placedB", at=0.06),
        span("recv", "stock", "recv", CONSUMER, at=0.3, took=0.001),
        span(
            "handled",
            "stock",
            "~orders process",
            CONSUMER,
            {**_CONFLUENT, "messaging.operation": "process"},
            under="recv",
            links=["sentA", "moreA", "sentB"],
            at=0.3005,
            took=0.2,
        ),
    ],
    orders={"A": "placedA sentA moreA recv handled", "B": "placedB sentB recv handled"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ×2 ← shop serve POST /orders",
            "stock process ~orders ← shop send ~orders",
        ],
        "B": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock process ~orders ← shop send ~orders",
        ],
    },
    calls={"shop > topic:~orders": 3, "topic:~orders > stock": 3},
    messages={
        "A": ["~orders: shop → stock", "~orders: shop → stock"],
        "B": ["~orders: shop → stock"],
    },
)

SHAPES = [
    KAFKA_PYTHON,
    KAFKA_PYTHON_KEYED,
    AIOKAFKA_GETONE,
    AIOKAFKA_GETMANY,
    CONFLUENT,
    CONFLUENT_CONSUME,
]
