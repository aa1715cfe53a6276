"""The pages in Debian's Chromium: on the real collector, and on a made-up one for hostile names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.dashboard.browsing import Opened, Opener, Scheme, opener
from tests.dashboard.conftest import Dashboard, free_port
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene
from tests.dashboard.product import Product
from tests.demo.demo_process import DemoProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SENTENCE = "fulfilment-cd did not consume stock.reserved"
Visit = Callable[[str], Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Opener]:
    yield from opener()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("collector") / "data")
    try:
        running.tell_recording()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def dashboard(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    running = Dashboard(product.url, tmp_path_factory.mktemp("elsewhere"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def stuck(product: Product) -> list[str]:
    """The ids of the stuck orders, in the list's order."""
    answer = httpx.get(f"{product.url}/api/v1/orders", params={"state": "stuck"}).json()
    return [row["order_id"] for row in answer["orders"]]


@pytest.fixture
def visit(browser: Opener, dashboard: Dashboard) -> Iterator[Visit]:
    """Open an address of the dashboard; afterwards its console must be clean."""
    opened: list[Opened] = []

    def open_page(address: str) -> Opened:
        opened.append(browser.open(dashboard.url + address))
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()
    assert [error for page in opened for error in page.errors] == []


def test_from_overview_to_the_sentence_in_two_clicks(visit: Visit, stuck: list[str]) -> None:
    opened = visit("/")
    page = opened.page
    page.get_by_role("link", name=SENTENCE).click()
    page.wait_for_url("**/orders?workflow=order&cause=*")
    expect(page.locator("tbody tr")).to_have_count(15)
    page.locator("tbody tr").nth(3).click(position={"x": 500, "y": 10})
    page.wait_for_url(f"**/order?workflow=order&id={stuck[3]}")
    expect(page.locator(".sentence")).to_contain_text(f"{SENTENCE}: published")
    expect(page.locator(".sentence")).to_contain_text("by fulfilment-stock")
    expect(page.locator(".step[data-late]")).to_contain_text("fulfilment-cd")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(15)
    assert "cause=" in page.url
    page.go_back()
    expect(page.locator(".card").first).to_be_visible()
    opened.settle()
    assert page.url.endswith("/")


def test_deep_links_reopen_exactly_this_view(
    visit: Visit, dashboard: Dashboard, stuck: list[str]
) -> None:
    opened = visit(f"/orders?state=stuck&q={stuck[0]}")
    page = opened.page
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Find")).to_have_value(stuck[0])
    expect(page.locator(".chip[aria-current]")).to_contain_text("stuck")
    page.goto(f"{dashboard.url}/map?focus=fulfilment-cd&range=6h")
    expect(page.locator(".node.selected")).to_have_count(1)
    expect(page.get_by_role("heading", name="fulfilment-cd")).to_be_visible()
    expect(page.get_by_role("radio", name="6 h")).to_have_attribute("aria-checked", "true")
    step = "fulfilment-cd process stock.reserved"
    page.goto(f"{dashboard.url}/order?workflow=order&id={stuck[0]}&tab=Messages&step={step}")
    expect(page.locator(".step[aria-current]")).to_contain_text("fulfilment-cd")
    expect(page.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")
    expect(page.locator("td", has_text="not consumed")).to_have_count(1)


def test_filters_go_into_the_address_and_back(visit: Visit, stuck: list[str]) -> None:
    opened = visit("/orders")
    page = opened.page
    page.locator(".chip", has_text="stuck").click()
    page.wait_for_url("**/orders?state=stuck")
    page.get_by_label("Find").fill(stuck[2][4:])
    page.get_by_label("Find").press("Enter")
    page.wait_for_url(f"**/orders?state=stuck&q={stuck[2][4:]}")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(15)
    expect(page.get_by_label("Find")).to_have_value("")


def test_an_order_opens_with_the_keyboard_and_back_comes_to_its_row(
    visit: Visit, stuck: list[str]
) -> None:
    opened = visit("/orders?state=stuck")
    page = opened.page
    page.locator("tbody a").first.focus()
    for key in ("ArrowDown", "j", "k", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(f"**/order?workflow=order&id={stuck[2]}")
    expect(page.locator(".sentence")).to_contain_text(SENTENCE)
    page.go_back()
    expect(page.locator("tbody a").nth(2)).to_be_focused()


def test_a_whole_order_id_leads_there_and_the_list_leaves_as_csv(
    visit: Visit, stuck: list[str]
) -> None:
    opened = visit("/orders?state=stuck")
    page = opened.page
    page.get_by_label("Find").fill(stuck[1])
    page.get_by_label("Find").press("Enter")
    page.wait_for_url(f"**/order?workflow=order&id={stuck[1]}")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(15)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 16
    assert lines[0].startswith("workflow,order_id,state,")


def test_an_order_s_steps_and_spans_by_keyboard(visit: Visit, stuck: list[str]) -> None:
    opened = visit(f"/order?workflow=order&id={stuck[0]}")
    page = opened.page
    page.locator(".step").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**&step=fulfilment-cd+process+stock.reserved")
    expect(page.get_by_role("heading", name="process stock.reserved")).to_be_visible()
    expect(page.locator(".bar.missing[aria-current]")).to_contain_text(
        "stock.reserved not consumed"
    )
    page.get_by_text("Real time").click()
    page.wait_for_url("**time=real**")
    page.get_by_role("tab", name="Spans").click()
    page.get_by_role("tree").focus()
    for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**span=*")
    expect(page.locator("aside h3")).to_have_text("POST /orders http receive")
    page.get_by_label("Find span or service").fill("stock.reserved")
    expect(page.get_by_text("1 found")).to_be_visible()
    page.get_by_role("link", name="Close").click()
    expect(page.locator("aside")).to_be_hidden()


def test_the_map_leads_to_the_orders_stuck_on_an_edge(visit: Visit) -> None:
    opened = visit("/map")
    page = opened.page
    expect(page.locator(".badge")).to_have_text("◆ 15")
    page.get_by_role("link", name="fulfilment-cd · in").hover()
    expect(page.locator(".node.near")).to_have_count(4)  # cd, two topics, its database
    page.locator("tbody a").first.click()
    page.wait_for_url("**/map?edge=*")
    page.locator(".links a", has_text="15 orders stuck here").click()
    page.wait_for_url("**/orders?**edge=topic**")
    expect(page.locator("tbody tr")).to_have_count(15)


def test_a_refresh_loses_nothing(visit: Visit, stuck: list[str]) -> None:
    """Three pages wait out the same refresh: tree and tab, zoom and selection, half-typed text."""
    order = visit(f"/order?workflow=order&id={stuck[0]}&tab=Spans")
    opened = order.page.locator(".row").count()
    order.page.locator(".row button:enabled").first.click()
    expect(order.page.locator(".row")).not_to_have_count(opened)
    closed = order.page.locator(".row").count()
    a_map = visit("/map?focus=fulfilment-cd")
    a_map.page.get_by_role("button", name="Zoom in").click()
    zoomed = a_map.page.locator(".world").get_attribute("transform")
    orders = visit("/orders")
    orders.page.get_by_label("Find").press_sequentially("ORD-1")
    orders.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop = 300")
    for page in (order, a_map, orders):
        page.wait_for_refresh()
    assert order.page.locator(".row").count() == closed
    expect(order.page.get_by_role("tab", name="Spans")).to_have_attribute("aria-selected", "true")
    assert a_map.page.locator(".world").get_attribute("transform") == zoomed
    expect(a_map.page.locator(".node.selected")).to_have_count(1)
    expect(orders.page.get_by_label("Find")).to_have_value("ORD-1")
    assert orders.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 300


def test_a_dark_page_is_dark_and_a_light_one_light(browser: Opener, dashboard: Dashboard) -> None:
    for scheme, ground in (("dark", "rgb(11, 15, 23)"), ("light", "rgb(255, 255, 255)")):
        opened = browser.open(dashboard.url + "/", scheme)
        app = opened.page.get_by_test_id("stApp")
        expect(app).to_have_css("background-color", ground)
        expect(app).to_have_css("font-family", re.compile("^Inter"))
        assert opened.page.evaluate("document.fonts.check('14px Inter')")
        opened.close()


ALL = (
    "/",
    "/orders?state=stuck",
    "/order?workflow=order&id={order}",
    "/map",
    "/service?id=fulfilment-cd",
    "/model?workflow=order",
    "/health",
)


@pytest.mark.parametrize("address", ALL)
def test_everybody_can_read_every_page(visit: Visit, stuck: list[str], address: str) -> None:
    """axe-core finds nothing serious in dark and light; at 200 % zoom nothing is cut off."""
    if os.environ.get("CI") != "true":
        pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    opened = visit(address.format(order=stuck[0]))
    # The list in the sidebar is Streamlit's, and not ours to mend.
    ours = {"exclude": [["[data-testid=stSidebar]"]]}
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        opened.page.emulate_media(color_scheme=scheme)
        opened.page.wait_for_timeout(300)
        found = Axe().run(opened.page, context=ours).response["violations"]
        grave = [
            (rule["id"], [node["target"] for node in rule["nodes"]])
            for rule in found
            if rule["impact"] in {"serious", "critical"}
        ]
        assert grave == [], scheme
    opened.page.set_viewport_size({"width": 640, "height": 450})
    opened.settle()
    wider = "e => e.scrollWidth - e.clientWidth"
    assert opened.page.get_by_test_id("stMain").evaluate(wider) <= 0


def test_a_collector_killed_and_back(visit: Visit, product: Product) -> None:
    opened = visit("/")
    expect(opened.page.get_by_role("link", name=SENTENCE)).to_be_visible()
    product.kill()
    expect(opened.page.get_by_role("alert")).to_contain_text("away", timeout=12_000)
    expect(opened.page.get_by_role("link", name=SENTENCE)).to_be_visible()
    product.start()
    expect(opened.page.get_by_role("alert")).to_have_count(0, timeout=15_000)
    expect(opened.page.get_by_role("link", name=SENTENCE)).to_be_visible()


def test_a_fault_is_begun_seen_and_ended_on_the_demo_page(
    browser: Opener, product: Product, tmp_path: Path
) -> None:
    flags = ("--systems", "fulfilment", "--rate", "2", "--no-schedule", "--control-port", "0")
    with DemoProcess("--otlp", product.url, *flags) as demo:
        running = Dashboard(product.url, tmp_path, CHOREOSCOPE_DEMO_CONTROL=demo.control)
        opened = browser.open(f"{running.url}/demo")
        page = opened.page
        try:
            expect(page.get_by_text("All services do what they should.")).to_be_visible()
            service = page.locator("tr", has=page.get_by_role("link", name="fulfilment-cd"))
            expect(service).to_contain_text("runs")
            for label, choice in (("Fault", "silent consumer"), ("Service", "fulfilment-cd")):
                page.get_by_role("combobox", name=label, exact=True).click()
                page.get_by_role("option", name=choice, exact=True).click()
            seconds = page.get_by_role("spinbutton", name="Seconds")
            seconds.fill("0")
            seconds.press("Enter")
            page.get_by_role("button", name="Begin").click()
            expect(page.get_by_text("fulfilment-cd: silent consumer")).to_be_visible()
            expect(page.get_by_text("until ended")).to_be_visible()
            active = demo.get("/faults")["active"]
            assert [fault["service"] for fault in active] == ["fulfilment-cd"]
            expect(service).to_contain_text(re.compile(r"silent consumer\s*[1-9]"))
            page.get_by_role("button", name="End it").click()
            expect(page.get_by_text("All services do what they should.")).to_be_visible()
            assert demo.get("/faults")["active"] == []
            expect(service).to_contain_text("runs")
            assert opened.errors == []
        finally:
            opened.close()
            running.stop()


def test_hostile_names_are_text(
    browser: Opener, start_dashboard: Callable[[str], Dashboard]
) -> None:
    with FakeCollector(Scene("hostile")) as fake:
        url = start_dashboard(fake.url).url
        opened = browser.open(url + "/")
        for address in ("/map", "/map?focus=topic:order.placed<img src=x onerror=alert(1)>"):
            opened.goto(url + address)
        opened.goto(url + "/orders?state=stuck")
        opened.page.locator("tbody a").first.click()
        opened.page.wait_for_url("**/order?**")
        opened.settle()
        assert opened.page.locator("h1").inner_text().startswith("<img src=x onerror=alert(1)>")
        for tab in ("Spans", "Where the time went", "Compare", "Messages", "Attributes"):
            opened.page.get_by_role("tab", name=tab).click()
            opened.settle()
        assert opened.page.locator("img[src=x], a[href^='https://example']").count() == 0
        assert opened.dialogs == []
        assert opened.errors == []
        opened.close()


def test_a_login_leads_to_the_page_that_was_asked_for(browser: Opener, tmp_path: Path) -> None:
    if os.environ.get("CI") != "true":
        pytest.importorskip("authlib")
    from tests.dashboard.openid_provider import OpenIdProvider

    port = free_port()
    file = tmp_path / "login.toml"
    with OpenIdProvider("ann@example.com") as provider, FakeCollector(Scene()) as fake:
        file.write_text(
            f"""
            [auth]
            redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
            cookie_secret = "a secret of more than thirty-two bytes"
            client_id = "choreoscope"
            client_secret = "secret"
            server_metadata_url = "{provider.url}/.well-known/openid-configuration"
            [login]
            allow = ["@example.com"]
            """
        )
        running = Dashboard(fake.url, tmp_path, port=port, CHOREOSCOPE_DASHBOARD_LOGIN=str(file))
        try:
            opened = browser.open(f"{running.url}/orders?state=stuck")
            page = opened.page
            expect(page.locator("tbody tr")).to_have_count(0)
            assert not any(asked.startswith("/api") for asked in fake.asked)
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_text("ann@example.com")).to_be_visible(timeout=20_000)
            expect(page.locator("tbody tr").first).to_be_visible(timeout=20_000)
            assert page.url.endswith("/orders?state=stuck")
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=20_000)
            provider.email = "eve@elsewhere.org"
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_text("isn't on the list")).to_be_visible(timeout=20_000)
            opened.close()
        finally:
            running.stop()
