"""Chromium for tests: pages that note what they log, and know when they have settled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Scheme = Literal["dark", "light"]
expect.set_options(timeout=15_000)  # a busy machine draws slowly; what is wrong stays wrong


class Opened:
    """A page in its own session."""

    patience_ms = 20_000

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        page.on(
            "console", lambda said: self.errors.append(said.text) if said.type == "error" else None
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.goto(url)

    def note(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.errors.append(said.text)

    def goto(self, url: str) -> None:
        self.page.goto(url)
        self.settle()

    def settle(self) -> None:
        """Until the script stands still and what it made is drawn."""
        still = "[data-testid=stApp][data-test-script-state=notRunning]"
        self.page.wait_for_selector(still, timeout=self.patience_ms)
        self.page.wait_for_selector(".stMainBlockContainer .root, .stMainBlockContainer h1")
        self.page.wait_for_timeout(300)

    def wait_for_refresh(self) -> None:
        """Until the page has refreshed by itself: its data becomes older, then young again."""
        self.page.wait_for_function(
            """() => {
              const roots = [...document.querySelectorAll("*")].map((e) => e.shadowRoot);
              const text = roots.find((r) => r?.querySelector(".dot"))?.querySelector(".text");
              const age = parseInt(text?.textContent.match(/\\d+/) ?? "0");
              window.oldest = Math.max(window.oldest ?? 0, age);
              return window.oldest >= 3 && age < window.oldest - 1;
            }""",
            timeout=20_000,
            polling=100,
        )
        self.settle()

    def close(self) -> None:
        self.page.close()


class Opener:
    """Opens pages: sessions of their own that share a cache, one for dark and one for light."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: dict[Scheme, BrowserContext] = {}

    def open(self, url: str, scheme: Scheme = "light") -> Opened:
        if scheme not in self.contexts:
            context = self.browser.new_context(
                viewport={"width": 1280, "height": 900}, color_scheme=scheme
            )
            context.set_default_timeout(15_000)
            self.contexts[scheme] = context
        return Opened(self.contexts[scheme].new_page(), url)


def opener() -> Iterator[Opener]:
    """A browser; without one the tests are skipped, except where CI=true demands them."""
    with sync_playwright() as playwright:
        path = CHROMIUM if Path(CHROMIUM).exists() else None
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no Chromium: {error}")
        yield Opener(browser)
        browser.close()
