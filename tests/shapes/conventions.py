"""The examples of OpenTelemetry's conventions for messaging spans, in the present names."""

from tests.shapes.shape import CLIENT, CONSUMER, PRODUCER, Links, Shape, Told, placed, span


def _of(system: str, topic: str, name: str, type_: str, **more: object) -> dict[str, object]:
    return {
        "messaging.system": system,
        "messaging.destination.name": topic,
        "messaging.operation.name": name,
        "messaging.operation.type": type_,
        "server.address": "ms",
        **more,
    }


def _id(id_: str) -> dict[str, object]:
    return {"messaging.message.id": f"~{id_}"}


def _send(order: str, at: float) -> list[Told]:
    return [
        placed(order, at=at),
        span(
            f"sent{order}",
            "shop",
            "send ~q",
            PRODUCER,
            _of("kafka", "~q", "send", "send", **_id(order)),
            under=f"placed{order}",
            at=at + 0.02,
        ),
    ]


def _links() -> Links:
    return {f"sent{order}": _id(order) for order in "AB"}


_TAKEN = [
    "shop serve POST /orders",
    "shop send ~q ← shop serve POST /orders",
]

TOPIC = Shape(
    "conv_topic",
    "A topic with two consumers: each links to the publisher, each in a trace of its own.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "publish ~t",
            PRODUCER,
            _of("rabbitmq", "~t", "publish", "send", **_id("a")),
            under="placedA",
            at=0.02,
        ),
        *(
            span(
                service,
                service,
                "consume ~t",
                CONSUMER,
                _of("rabbitmq", "~t", "consume", "process", **_id("a")),
                links=["sent"],
                at=at,
            )
            for service, at in (("stock", 0.2), ("mail", 0.3))
        ),
    ],
    orders={"A": "placedA sent stock mail"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~t ← shop serve POST /orders",
            "stock process ~t ← shop send ~t",
            "mail process ~t ← shop send ~t",
        ]
    },
    calls={"shop > topic:~t": 1, "topic:~t > stock": 1, "topic:~t > mail": 1},
    messages={"A": ["~t: shop → stock, id ~a", "~t: shop → mail, id ~a"]},
)

PULL = Shape(
    "conv_pull",
    "One message is received, processed and settled: three spans that link to the same producer.",
    [
        *_send("A", 0),
        span(
            "polled",
            "stock",
            "receive ~q",
            CLIENT,
            _of("kafka", "~q", "receive", "receive", **_id("A")),
            links=["sentA"],
            at=0.2,
        ),
        span(
            "got",
            "stock",
            "process ~q",
            CONSUMER,
            _of("kafka", "~q", "process", "process", **_id("A")),
            links=["sentA"],
            at=0.25,
        ),
        span(
            "acked",
            "stock",
            "ack ~q",
            CLIENT,
            _of("kafka", "~q", "ack", "settle", **_id("A")),
            links=["sentA"],
            at=0.3,
        ),
    ],
    orders={"A": "placedA sentA polled got acked"},
    steps={
        "A": [
            *_TAKEN,
            "stock receive ~q ← shop send ~q",
            "stock process ~q ← shop send ~q",
        ]
    },
    calls={"shop > topic:~q": 1, "topic:~q > stock": 1},
    messages={"A": ["~q: shop → stock, id ~A"]},
)

BATCH_RECEIVING = Shape(
    "conv_receiving",
    "One receive span with a link a message; the ids are on the links.",
    [
        *_send("A", 0),
        *_send("B", 0.05),
        span(
            "polled",
            "stock",
            "poll ~q",
            CLIENT,
            _of("kafka", "~q", "poll", "receive", **{"messaging.batch.message_count": 2}),
            links=_links(),
            at=0.2,
        ),
    ],
    orders={"A": "placedA sentA polled", "B": "placedB sentB polled"},
    steps={order: [*_TAKEN, "stock receive ~q ← shop send ~q"] for order in "AB"},
    calls={"shop > topic:~q": 2, "topic:~q > stock": 2},
    messages={order: [f"~q: shop → stock, id ~{order}"] for order in "AB"},
)

BATCH_PROCESSING = Shape(
    "conv_processing",
    "One process span with a link a message, and a message that it sends on: shared by both.",
    [
        *_send("A", 0),
        *_send("B", 0.05),
        span(
            "got",
            "stock",
            "process ~q",
            CONSUMER,
            _of("kafka", "~q", "process", "process", **{"messaging.batch.message_count": 2}),
            links=_links(),
            at=0.2,
        ),
        span(
            "told",
            "stock",
            "send ~r",
            PRODUCER,
            _of("kafka", "~r", "send", "send"),
            under="got",
            at=0.21,
            took=0.005,
        ),
    ],
    orders={"A": "placedA sentA got told", "B": "placedB sentB got told"},
    steps={
        order: [
            *_TAKEN,
            "stock process ~q ← shop send ~q",
            "stock send ~r ← stock process ~q",
        ]
        for order in "AB"
    },
    calls={"shop > topic:~q": 2, "topic:~q > stock": 2, "stock > topic:~r": 1},
    messages={order: [f"~q: shop → stock, id ~{order}", "~r: stock → nobody"] for order in "AB"},
)

BATCH_PUBLISHING = Shape(
    "conv_publishing",
    "A create span a message and one send span that links to them; two consumers take one each.",
    [
        placed("A"),
        span(
            "createdA",
            "shop",
            "create ~q",
            PRODUCER,
            _of("kafka", "~q", "create", "create", **_id("A")),
            under="placedA",
            at=0.02,
        ),
        placed("B", at=0.05),
        span(
            "createdB",
            "shop",
            "create ~q",
            PRODUCER,
            _of("kafka", "~q", "create", "create", **_id("B")),
            under="placedB",
            at=0.06,
        ),
        span(
            "sent",
            "shop",
            "send ~q",
            CLIENT,
            _of("kafka", "~q", "send", "send", **{"messaging.batch.message_count": 2}),
            links=["createdA", "createdB"],
            at=0.1,
        ),
        span(
            "gotA",
            "stock",
            "poll ~q",
            CLIENT,
            _of("kafka", "~q", "poll", "receive", **_id("A")),
            links=["createdA"],
            at=0.2,
        ),
        span(
            "gotB",
            "mail",
            "poll ~q",
            CLIENT,
            _of("kafka", "~q", "poll", "receive", **_id("B")),
            links=["createdB"],
            at=0.3,
        ),
    ],
    orders={"A": "placedA createdA sent gotA", "B": "placedB createdB sent gotB"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~q ← shop serve POST /orders",
            "stock receive ~q ← shop send ~q",
        ],
        "B": [
            "shop serve POST /orders",
            "shop send ~q ← shop serve POST /orders",
            "mail receive ~q ← shop send ~q",
        ],
    },
    calls={"shop > topic:~q": 2, "topic:~q > stock": 1, "topic:~q > mail": 1},
    messages={"A": ["~q: shop → stock, id ~A"], "B": ["~q: shop → mail, id ~B"]},
)

SHAPES = [TOPIC, PULL, BATCH_RECEIVING, BATCH_PROCESSING, BATCH_PUBLISHING]
