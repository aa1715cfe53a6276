"""The pages in Debian's Chromium, against made-up collectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.dashboard.browsing import Opened, Opener, opener
from tests.dashboard.conftest import Dashboard
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SENTENCE = "fulfilment-cd did not consume stock.reserved"


@pytest.fixture(scope="module")
def browser() -> Iterator[Opener]:
    yield from opener()


@pytest.fixture(scope="module")
def dashboard(
    usual: FakeCollector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    running = Dashboard(usual.url, tmp_path_factory.mktemp("elsewhere"))
    yield running
    running.stop()


@pytest.fixture
def visit(browser: Opener, dashboard: Dashboard) -> Iterator[Callable[[str], Opened]]:
    """Open an address of the dashboard; afterwards its console must be clean."""
    opened: list[Opened] = []

    def open_page(address: str) -> Opened:
        opened.append(browser.open(dashboard.url + address))
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()
    assert [error for page in opened for error in page.errors] == []


Visit = Callable[[str], Opened]


def test_from_overview_to_the_sentence_in_two_clicks(visit: Visit) -> None:
    opened = visit("/")
    page = opened.page
    page.get_by_role("link", name=SENTENCE).click()
    page.wait_for_url("**/orders?workflow=order&cause=c-cd")
    expect(page.locator("tbody tr")).to_have_count(40)
    page.locator("tbody tr").nth(3).click(position={"x": 500, "y": 10})
    page.wait_for_url("**/order?workflow=order&id=*")
    expect(page.locator(".sentence")).to_contain_text(f"{SENTENCE}: published")
    expect(page.locator(".step[data-late]")).to_contain_text("fulfilment-cd")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(40)
    assert "cause=c-cd" in page.url
    page.go_back()
    expect(page.locator(".card").first).to_be_visible()
    opened.settle()
    assert page.url.endswith("/")


def test_deep_links_reopen_exactly_this_view(visit: Visit) -> None:
    opened = visit("/orders?state=failed&q=ORD-10")
    page = opened.page
    expect(page.locator("tbody tr")).to_have_count(7)
    expect(page.get_by_label("Find")).to_have_value("ORD-10")
    expect(page.locator(".chip[aria-current]")).to_contain_text("failed")
    page.goto(page.url.partition("/orders")[0] + "/map?focus=fulfilment-cd&range=6h")
    expect(page.locator(".node.selected")).to_have_count(1)
    expect(page.get_by_role("heading", name="fulfilment-cd")).to_be_visible()
    expect(page.get_by_role("radio", name="6 h")).to_have_attribute("aria-checked", "true")


def test_filters_go_into_the_address_and_back(visit: Visit) -> None:
    opened = visit("/orders")
    page = opened.page
    page.locator(".chip", has_text="stuck").click()
    page.wait_for_url("**/orders?state=stuck")
    page.get_by_label("Find").fill("ORD-10620")
    page.get_by_label("Find").press("Enter")
    page.wait_for_url("**/orders?state=stuck&q=ORD-10620")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(40)
    expect(page.get_by_label("Find")).to_have_value("")


def test_an_order_opens_with_the_keyboard(visit: Visit) -> None:
    opened = visit("/orders?state=stuck")
    page = opened.page
    page.locator("tbody a").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/order?**")
    expect(page.locator(".sentence")).to_contain_text(SENTENCE)


def test_the_map_leads_to_the_orders_stuck_on_an_edge(visit: Visit) -> None:
    opened = visit("/map")
    page = opened.page
    expect(page.locator(".badge")).to_have_text("◆ 40")
    page.locator(".node", has_text="fulfilment-cd").hover()
    expect(page.locator(".node.near")).to_have_count(3)
    page.locator("tbody a").first.click()
    page.wait_for_url("**/map?edge=*")
    page.locator(".links a", has_text="40 orders stuck here").click()
    page.wait_for_url("**/orders?**edge=topic**")
    expect(page.locator("tbody tr")).to_have_count(40)


def test_a_refresh_loses_nothing(visit: Visit) -> None:
    """Three pages wait out the same refresh: tree and tab, zoom and selection, half-typed text."""
    order = visit("/order?workflow=order&id=ORD-10620&tab=Spans")
    order.page.locator(".row button:enabled").first.click()
    closed = order.page.locator(".row").count()
    a_map = visit("/map?focus=fulfilment-cd")
    a_map.page.get_by_role("button", name="Zoom in").click()
    zoomed = a_map.page.locator(".world").get_attribute("transform")
    orders = visit("/orders?state=stuck")
    orders.page.get_by_label("Find").press_sequentially("ORD-1")
    orders.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop = 300")
    for opened in (order, a_map, orders):
        opened.wait_for_refresh()
    assert order.page.locator(".row").count() == closed < 12
    expect(order.page.get_by_role("tab", name="Spans")).to_have_attribute("aria-selected", "true")
    assert a_map.page.locator(".world").get_attribute("transform") == zoomed
    expect(a_map.page.locator(".node.selected")).to_have_count(1)
    expect(orders.page.get_by_label("Find")).to_have_value("ORD-1")
    assert orders.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 300


def test_hostile_names_are_text(
    browser: Opener, start_dashboard: Callable[[str], Dashboard]
) -> None:
    with FakeCollector(Scene("hostile")) as fake:
        url = start_dashboard(fake.url).url
        opened = browser.open(url + "/")
        for address in ("/orders", "/map", "/map?focus=topic:order.placed<img src=x>"):
            opened.goto(url + address)
        opened.goto(url + "/orders?state=stuck")
        opened.page.locator("tbody a").first.click()
        opened.page.wait_for_url("**/order?**")
        opened.settle()
        assert opened.page.locator("h1").inner_text().startswith("<img src=x onerror=alert(1)>")
        for tab in ("Spans", "Messages", "Attributes"):
            opened.page.get_by_role("tab", name=tab).click()
            opened.settle()
        assert opened.page.locator("img[src=x], a[href^='https://example']").count() == 0
        assert opened.dialogs == []
        assert opened.errors == []
        opened.close()


def test_a_collector_away_and_back(
    browser: Opener, start_dashboard: Callable[[str], Dashboard]
) -> None:
    scene = Scene()
    with FakeCollector(scene) as fake:
        port = fake.server_address[1]
        opened = browser.open(start_dashboard(fake.url).url + "/")
        expect(opened.page.locator(".card").first).to_be_visible()
    expect(opened.page.get_by_role("alert")).to_contain_text("away", timeout=12_000)
    expect(opened.page.get_by_role("link", name=SENTENCE)).to_be_visible()
    with FakeCollector(scene, port):
        expect(opened.page.get_by_role("alert")).to_have_count(0, timeout=12_000)
        assert opened.errors == []
        opened.close()


def test_a_dark_page_is_dark_and_a_light_one_light(browser: Opener, dashboard: Dashboard) -> None:
    for scheme, ground in (("dark", "rgb(11, 15, 23)"), ("light", "rgb(255, 255, 255)")):
        opened = browser.open(dashboard.url + "/", scheme)
        app = opened.page.get_by_test_id("stApp")
        expect(app).to_have_css("background-color", ground)
        expect(app).to_have_css("font-family", re.compile("^Inter"))
        opened.close()
