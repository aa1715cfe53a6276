"""Order ids and names as people and attackers make them come back as they went in."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.conftest import served
from tests.golden.world import DAWN, LATER, world

NAUGHTY = [
    # for SQL, shells, templates, paths, formats
    "'; DROP TABLE orders; --",
    "1 OR 1=1",
    "\\' OR ''='",
    "{id:String}",
    "{{7*7}} ${7*7} %s %n {0} #{x}",
    "$(reboot) `reboot` | reboot & reboot > /dev/null",
    "../../../etc/passwd",
    "..\\..\\windows",
    "C:\\NUL",
    "file:///etc/passwd?x=1&y=2#z",
    # for HTML
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; &amp; &#60;",
    "javascript:alert(1)",
    "[text](javascript:alert(1)) **bold** _under_ ~strike~ `code`",
    # for JSON, CSV, logs
    '{"a": [1, "b"]}',
    "\\u0000 \\x00 \\n \\",
    '=cmd|" /C calc"!A0',
    "a,b;c\td",
    "two\nlines\r\nand\x0bmore\x0cend",
    "\x1b[31mred\x1b[0m\x07",
    "\x01\x02\x1f\x7f\x80\x9f",
    # for numbers and words
    "0",
    "-0",
    "1e1000",
    "NaN",
    "Infinity",
    "null",
    "undefined",
    "true",
    "None",
    "0x1F",
    "1_000",
    "١٢٣",
    "2026-02-30T25:61:61Z",
    # for Unicode
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さん",
    "Ünïcödé é é",  # composed and not
    "ﬁ ﷽",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "العربية עברית",
    "\u202eright to left\u202c",
    "zero\u200bwidth\u200d\ufeff",
    "Z̷̢̛͉̤͓a̷l̸g̴o̵",
    "\ufffd\uffff\ufdd0",
    "\U0010ffff",
    "İıſK",  # change their length or letters with their case
    "x" * 5000,
    "%2e%2e%2f %00 %zz %",
    "a+b c%20d",
    "#fragment?query=1&next=2",
]


def span(number: int, text: str) -> dict[str, object]:
    start = DAWN + number * 1_000_000_000
    pairs = {"order.id": text, "order.note": text, text[:200]: "as a name"}
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": text,
        "kind": 2,
        "startTimeUnixNano": start,
        "endTimeUnixNano": start + 5_000_000,
        "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in pairs.items()],
        "status": {"code": 2, "message": text},
    }


@pytest.fixture(scope="module")
def naughty(engine_url: Callable[[str], str]) -> Iterator[httpx.Client]:
    with world(engine_url("chdb"), LATER) as here, served(here) as api:
        resources = [
            {
                "resource": {
                    "attributes": [{"key": "service.name", "value": {"stringValue": text}}]
                },
                "scopeSpans": [{"spans": [span(number, text)]}],
            }
            for number, text in enumerate(NAUGHTY)
        ]
        assert api.post("/v1/traces", json={"resourceSpans": resources}).json() == {}
        here.settle()
        yield api


def test_ids_and_names_come_back_unchanged(naughty: httpx.Client) -> None:
    listed: dict[str, dict[str, object]] = {}
    cursor: str | None = None
    while True:
        params = {"limit": "20", "trivial": "true"} | ({"next": cursor} if cursor else {})
        page = naughty.get("/api/v1/orders", params=params).json()
        listed |= {order["order_id"]: order for order in page["orders"]}
        if (cursor := page["next"]) is None:
            break
    assert set(listed) == set(NAUGHTY)
    assert page["total"] == len(NAUGHTY)
    services = {s["service"] for s in naughty.get("/api/v1/services").json()["services"]}
    assert services == set(NAUGHTY)
    for number, text in enumerate(NAUGHTY):
        answer = naughty.get("/api/v1/order/spans", params={"id": text, "workflow": "order"})
        assert answer.status_code == 200, (text, answer.text)
        (found,) = answer.json()["spans"]
        assert (found["name"], found["service"], found["status_message"]) == (text, text, text)
        assert found["attributes"]["order.note"] == text
        assert found["attributes"][text[:200]] == "as a name"
        trace = naughty.get(f"/api/v1/traces/{number + 1:032x}").json()
        assert trace["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] == text


@pytest.mark.parametrize("text", NAUGHTY[:12], ids=lambda text: ascii(text)[:20])
def test_they_are_only_values_in_questions(naughty: httpx.Client, text: str) -> None:
    order = naughty.get("/api/v1/order", params={"id": text}).json()
    assert order["order_id"] == text
    for name in ("workflow", "verdict", "cause", "service", "step", "q"):
        answer = naughty.get("/api/v1/orders", params={name: text, "trivial": "true"})
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["total"] <= (1 if name in ("service", "q") else 0)
    for path in ("summary", "causes", "map", "series", "expectations"):
        assert naughty.get(f"/api/v1/{path}", params={"workflow": text}).status_code == 200
