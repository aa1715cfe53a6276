"""The service map in Debian's Chromium: 200 made-up services, one dashboard, one browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browsing import Opened, Opener, opener
from tests.dashboard.conftest import Dashboard
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Opener]:
    yield from opener()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with FakeCollector(Scene("map-200")) as fake:
        dashboard = Dashboard(fake.url, tmp_path_factory.mktemp("elsewhere"))
        yield f"{dashboard.url}/map"
        dashboard.stop()


@pytest.fixture
def opened(browser: Opener, url: str) -> Iterator[Opened]:
    """The map; afterwards the console must be clean."""
    opened = browser.open(url)
    yield opened
    opened.close()
    assert opened.errors == []


def pointed_at(page: Page, words: str) -> tuple[float, float]:
    """Move the pointer down from the top, a little right of the middle, until something is said."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    at = box["x"] + box["width"] / 2 + 6
    for y in range(30, 260, 3):
        page.mouse.move(at, box["y"] + y)
        if words in page.locator(".tip").inner_text():
            return at, box["y"] + y
    raise AssertionError(f"nothing says {words!r} there")


def test_hovering_tells_and_a_click_selects(opened: Opened) -> None:
    page = opened.page
    page.get_by_role("button", name="Zoom out").click()
    view = page.locator(".stage").get_attribute("data-view")
    at = pointed_at(page, " · in ")
    name = page.locator(".tip").inner_text().split(" · ")[0]
    page.mouse.click(*at)
    page.wait_for_url(f"**/map?focus={name}")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator(".stage")).to_have_attribute("data-view", view or "")
    page.go_back()
    expect(page.get_by_role("heading", name=name)).to_have_count(0)
    assert "focus" not in page.url


def test_a_domain_opens_alone_and_closes(opened: Opened, url: str) -> None:
    page = opened.page
    opened.goto(f"{url}?level=domains")
    at = pointed_at(page, " services · in ")
    name = page.locator(".tip").inner_text().split(" · ")[0]
    page.mouse.click(*at)
    page.wait_for_url(f"**/map?**open={name}**")
    opened.settle()
    at = pointed_at(page, "click to close")
    assert page.locator(".tip").inner_text().startswith(f"{name} · ")
    page.mouse.click(*at)
    page.wait_for_url("**/map?level=domains")


def test_finding_walking_and_clearing_with_the_keys(opened: Opened) -> None:
    page = opened.page
    find = page.get_by_label("Find a service or topic")
    find.press_sequentially("payments-")
    expect(page.get_by_role("option")).to_have_count(8)
    find.press_sequentially("api")
    find.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text("payments-api")
    find.press("Enter")
    page.wait_for_url("**/map?focus=payments-api")
    expect(page.get_by_role("heading", name="payments-api")).to_be_visible()
    page.locator(".stage").focus()
    page.keyboard.press("ArrowUp")
    told = page.locator(".tip").inner_text().split(" · ")[0]
    assert told != "payments-api"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/map?focus={told}")
    opened.settle()
    page.keyboard.press("Escape")
    page.wait_for_url("**/map")


def test_a_refresh_keeps_view_and_selection(opened: Opened, url: str) -> None:
    page = opened.page
    opened.goto(f"{url}?focus=payments-api&q=saga")
    page.get_by_role("button", name="Zoom in").click()
    view = page.locator(".stage").get_attribute("data-view")
    opened.wait_for_refresh()
    assert view and page.locator(".stage").get_attribute("data-view") == view
    expect(page.get_by_role("heading", name="payments-api")).to_be_visible()
    expect(page.get_by_label("Find a service or topic")).to_have_value("saga")


def test_the_map_is_saved_in_four_ways(opened: Opened, browser: Opener, tmp_path: Path) -> None:
    page = opened.page
    page.get_by_role("button", name="Save").click()
    begins = {
        "Picture (PNG)": b"\x89PNG",
        "Drawing (SVG)": b"<svg",
        "Page that works offline (HTML)": b"<!doctype html>",
        "Graph (GraphML)": b"<graphml",
    }
    for name, begin in begins.items():
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        waiting.value.save_as(tmp_path / waiting.value.suggested_filename)
        assert begin in (tmp_path / waiting.value.suggested_filename).read_bytes()[:200]
    saved = page.context.new_page()
    errors: list[str] = []
    saved.on("pageerror", lambda error: errors.append(str(error)))
    saved.goto((tmp_path / "service-map.html").as_uri())
    at = pointed_at(saved, " · in ")
    saved.mouse.click(*at)
    expect(saved.locator(".tip")).to_contain_text(" · in ")
    saved.close()
    assert errors == []
