"""Amazon SQS: links only, receive and process apart, or no process span at all."""

from tests.shapes.shape import CLIENT, CONSUMER, INTERNAL, PRODUCER, Shape, placed, span

# boto3sqs: old names.
_BOTO = {
    "messaging.system": "aws.sqs",
    "messaging.destination": "~orders",
    "messaging.destination_kind": "queue",
    "messaging.url": "https://sqs/1/~orders",
}
# aws-sdk for JavaScript: a producer's and a receiver's span; ids on the links.
_JS = {"messaging.system": "aws_sqs", "messaging.destination.name": "~orders"}

BOTO3 = Shape(
    "boto3_sqs",
    "A receive span and below it a process span a message, with a link; the handler's spans hang "
    "under the process span while it iterates.",
    [
        placed("A"),
        span(
            "sentA",
            "shop",
            "~orders send",
            PRODUCER,
            {**_BOTO, "messaging.message.id": "~a"},
            under="placedA",
            at=0.02,
        ),
        placed("B", at=0.05),
        span(
            "sentB",
            "shop",
            "~orders send",
            PRODUCER,
            {**_BOTO, "messaging.message.id": "~b"},
            under="placedB",
            at=0.06,
        ),
        span(
            "polled",
            "stock",
            "~orders receive",
            CONSUMER,
            {**_BOTO, "messaging.operation": "receive"},
            at=0.2,
        ),
        span(
            "gotA",
            "stock",
            "~orders process",
            CONSUMER,
            {**_BOTO, "messaging.operation": "process", "messaging.message.id": "~a"},
            under="polled",
            links=["sentA"],
            at=0.21,
            took=0.3,
        ),
        span(
            "gotB",
            "stock",
            "~orders process",
            CONSUMER,
            {**_BOTO, "messaging.operation": "process", "messaging.message.id": "~b"},
            under="polled",
            links=["sentB"],
            at=0.215,
            took=0.5,
        ),
        span("reservedA", "stock", "reserve", INTERNAL, under="gotA", at=0.3),
        span("reservedB", "stock", "reserve", INTERNAL, under="gotB", at=0.4),
    ],
    orders={
        "A": "placedA sentA polled gotA reservedA",
        "B": "placedB sentB polled gotB reservedB",
    },
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
    messages={"A": ["~orders: shop → stock, id ~a"], "B": ["~orders: shop → stock, id ~b"]},
)

AWS_SDK_JS = Shape(
    "aws_sdk_js",
    "Only a receive span with a link a message; the handler's spans are a new trace.",
    [
        placed("A"),
        span(
            "sentA",
            "shop",
            "~orders send",
            PRODUCER,
            {**_JS, "messaging.message.id": "~a"},
            under="placedA",
            at=0.02,
        ),
        placed("B", at=0.05),
        span(
            "sentB",
            "shop",
            "~orders send",
            PRODUCER,
            {**_JS, "messaging.message.id": "~b"},
            under="placedB",
            at=0.06,
        ),
        span(
            "polled",
            "stock",
            "~orders receive",
            CONSUMER,
            {**_JS, "messaging.operation.type": "receive", "messaging.batch.message_count": 2},
            links={
                "sentA": {"messaging.message.id": "~a"},
                "sentB": {"messaging.message.id": "~b"},
            },
            at=0.2,
        ),
        span("lost", "stock", "reserve", INTERNAL, at=0.3),
    ],
    orders={"A": "placedA sentA polled", "B": "placedB sentB polled"},
    runs=["lost"],
    steps={
        order: [
            "shop serve POST /orders",
            "shop send ~orders ← shop serve POST /orders",
            "stock receive ~orders ← shop send ~orders",
        ]
        for order in "AB"
    },
    calls={"shop > topic:~orders": 2, "topic:~orders > stock": 2},
    messages={"A": ["~orders: shop → stock, id ~a"], "B": ["~orders: shop → stock, id ~b"]},
)

SQS_CHAIN = Shape(
    "sqs_chain",
    "Three services, linked trace by trace, and the key on the last: all of it is the order's.",
    [
        span(
            "placed",
            "shop",
            "POST /orders",
            CLIENT,
            {
                "http.request.method": "POST",
                "url.full": "http://gateway/orders",
                "server.address": "gateway",
            },
        ),
        span(
            "sent",
            "shop",
            "~orders send",
            PRODUCER,
            {**_BOTO, "messaging.message.id": "~a"},
            under="placed",
            at=0.02,
        ),
        span(
            "got",
            "stock",
            "~orders process",
            CONSUMER,
            {**_BOTO, "messaging.operation": "process"},
            links=["sent"],
            at=0.2,
        ),
        span(
            "told",
            "stock",
            "~reserved send",
            PRODUCER,
            {**_BOTO, "messaging.destination": "~reserved"},
            under="got",
            at=0.21,
        ),
        span(
            "shipped",
            "ship",
            "~reserved process",
            CONSUMER,
            {**_BOTO, "messaging.destination": "~reserved", "messaging.operation": "process"},
            order="A",
            links=["told"],
            at=0.5,
        ),
    ],
    orders={"A": "placed sent got told shipped"},
    steps={
        "A": [
            "shop call POST /orders",
            "shop send ~orders ← shop call POST /orders",
            "stock process ~orders ← shop send ~orders",
            "stock send ~reserved ← stock process ~orders",
            "ship process ~reserved ← stock send ~reserved",
        ]
    },
    calls={
        "shop > external:gateway": 1,
        "shop > topic:~orders": 1,
        "topic:~orders > stock": 1,
        "stock > topic:~reserved": 1,
        "topic:~reserved > ship": 1,
    },
    messages={"A": ["~orders: shop → stock, id ~a", "~reserved: stock → ship"]},
)

SHAPES = [BOTO3, AWS_SDK_JS, SQS_CHAIN]
