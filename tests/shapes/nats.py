"""FastStream and NATS: flattened parents, batches that are linked, and spans made by hand."""

from tests.shapes.shape import CONSUMER, INTERNAL, PRODUCER, SERVER, Shape, placed, span


def _published(subject: str) -> dict[str, object]:
    return {
        "messaging.system": "nats",
        "messaging.destination.name": subject,
        "messaging.message.conversation_id": "~c1",
    }


def _sent(subject: str) -> dict[str, object]:
    return {**_published(subject), "messaging.operation": "publish"}


def _taken(subject: str) -> dict[str, object]:
    return {
        "messaging.system": "nats",
        "messaging.destination_publish.name": subject,
        "messaging.message.conversation_id": "~c1",
        "messaging.message.id": "~" + subject.removeprefix("~") + "-1",
        "messaging.operation": "process",
    }


FASTSTREAM_CHAIN = Shape(
    "faststream_chain",
    "Every handler hangs under the first message's create span; the causes are a chain.",
    [
        placed(),
        span(
            "created",
            "shop",
            "~orders create",
            PRODUCER,
            _published("~orders"),
            under="placedA",
            at=0.02,
            took=0.0,
        ),
        span(
            "sent", "shop", "~orders publish", PRODUCER, _sent("~orders"), under="created", at=0.02
        ),
        span(
            "paid",
            "payment",
            "~orders process",
            CONSUMER,
            _taken("~orders"),
            under="created",
            at=0.2,
        ),
        span(
            "told",
            "payment",
            "~paid publish",
            PRODUCER,
            _sent("~paid"),
            under="paid",
            at=0.21,
            took=0.005,
        ),
        span(
            "reserved", "stock", "~paid process", CONSUMER, _taken("~paid"), under="created", at=0.4
        ),
        span(
            "mailed", "mail", "~paid process", CONSUMER, _taken("~paid"), under="created", at=0.45
        ),
        span(
            "done",
            "stock",
            "~reserved publish",
            PRODUCER,
            _sent("~reserved"),
            under="reserved",
            at=0.41,
            took=0.005,
        ),
        span(
            "shipped",
            "ship",
            "~reserved process",
            CONSUMER,
            _taken("~reserved"),
            under="created",
            at=0.6,
        ),
    ],
    orders={"A": "placedA created sent paid told reserved mailed done shipped"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "payment process ~orders ← shop send ~orders",
            "payment send ~paid ← payment process ~orders",
            "stock process ~paid ← payment send ~paid",
            "stock send ~reserved ← stock process ~paid",
            "mail process ~paid ← payment send ~paid",
            "ship process ~reserved ← stock send ~reserved",
        ]
    },
    calls={
        "shop > topic:~orders": 1,
        "topic:~orders > payment": 1,
        "payment > topic:~paid": 1,
        "topic:~paid > stock": 1,
        "topic:~paid > mail": 1,
        "stock > topic:~reserved": 1,
        "topic:~reserved > ship": 1,
    },
    messages={
        "A": [
            "~orders: shop → payment, id ~orders-1",
            "~paid: payment → stock, id ~paid-1",
            "~paid: payment → mail, id ~paid-1",
            "~reserved: stock → ship, id ~reserved-1",
        ]
    },
)

FASTSTREAM_BATCH = Shape(
    "faststream_batch",
    "A batch of three messages of two orders: a create span in a new trace links to each order's "
    "chain once, and the handler below it is shared.",
    [
        placed("A"),
        span(
            "createdA",
            "shop",
            "~orders create",
            PRODUCER,
            _published("~orders"),
            under="placedA",
            at=0.02,
            took=0.0,
        ),
        span(
            "sentA",
            "shop",
            "~orders publish",
            PRODUCER,
            _sent("~orders"),
            under="createdA",
            at=0.02,
        ),
        placed("B", at=0.05),
        span(
            "createdB",
            "shop",
            "~orders create",
            PRODUCER,
            _published("~orders"),
            under="placedB",
            at=0.06,
            took=0.0,
        ),
        span(
            "sentB",
            "shop",
            "~orders publish",
            PRODUCER,
            _sent("~orders"),
            under="createdB",
            at=0.06,
        ),
        span(
            "batch",
            "stock",
            "~orders create",
            CONSUMER,
            {
                "messaging.system": "nats",
                "messaging.destination_publish.name": "~orders",
                "messaging.batch.message_count": 2,
            },
            links=["createdA", "createdB"],
            at=0.3,
            took=0.0,
        ),
        span(
            "got",
            "stock",
            "~orders process",
            CONSUMER,
            {
                "messaging.system": "nats",
                "messaging.destination_publish.name": "~orders",
                "messaging.batch.message_count": 2,
                "messaging.operation": "process",
            },
            under="batch",
            at=0.3,
        ),
    ],
    orders={"A": "placedA createdA sentA batch got", "B": "placedB createdB sentB batch got"},
    steps={
        order: [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock process ~orders ← shop send ~orders",
        ]
        for order in "AB"
    },
    calls={"shop > topic:~orders": 2, "topic:~orders > stock": 2},
    messages={order: ["~orders: shop → stock"] for order in "AB"},
)

JAVA_NATS = Shape(
    "java_nats",
    "Java's NATS instrumentation: process below publish; the subject is the destination.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "~orders publish",
            PRODUCER,
            {
                "messaging.system": "nats",
                "messaging.operation": "publish",
                "messaging.destination.name": "~orders",
            },
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "~orders process",
            CONSUMER,
            {
                "messaging.system": "nats",
                "messaging.operation": "process",
                "messaging.destination.name": "~orders",
            },
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
    messages={"A": ["~orders: shop → stock"]},
)

MANUAL_NATS = Shape(
    "manual_nats",
    "By hand, without a parent, a link or an id, but with the key on both sides.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "publish",
            PRODUCER,
            {"messaging.destination": "~orders"},
            under="placedA",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "handle",
            CONSUMER,
            {"messaging.destination": "~orders"},
            order="A",
            at=0.3,
            took=0.1,
        ),
        span("row", "stock", "save", INTERNAL, under="got", at=0.31),
    ],
    orders={"A": "placedA sent got row"},
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

NAMELESS = Shape(
    "nameless",
    "Spans of kinds Producer and Consumer that say nothing but their names, and a call below them.",
    [
        placed(),
        span("sent", "shop", "order placed", PRODUCER, under="placedA", at=0.02),
        span("got", "stock", "on order placed", CONSUMER, under="sent", at=0.3, took=0.1),
        span(
            "asked",
            "price",
            "GET /price",
            SERVER,
            {"http.method": "GET", "http.target": "/price/4711?x=1"},
            under="got",
            at=0.31,
        ),
    ],
    orders={"A": "placedA sent got asked"},
    steps={
        "A": [
            "shop serve POST /orders",
            "shop send order placed ← shop serve POST /orders",
            "stock process on order placed ← shop send order placed",
            "price serve GET /price/{id} ← stock process on order placed",
        ]
    },
    calls={"shop > stock": 1, "stock > price": 1},
    messages={"A": []},
)

SHAPES = [FASTSTREAM_CHAIN, FASTSTREAM_BATCH, JAVA_NATS, MANUAL_NATS, NAMELESS]
