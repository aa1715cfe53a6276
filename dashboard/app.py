"""The router: which pages there are and where. Streamlit runs it for every session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard.app_pages import (
    demo,
    health,
    login,
    model,
    order,
    orders,
    overview,
    service,
    service_map,
)
from dashboard.demo import control_url

ROOM = Path(__file__).parent

st.set_page_config(
    page_title="Choreoscope", page_icon=str(ROOM / "static" / "icon.svg"), layout="wide"
)
st.html(f"<style>{(ROOM / 'page.css').read_text('utf-8')}</style>")
st.logo(
    str(ROOM / "static" / "logo.svg"), icon_image=str(ROOM / "static" / "icon.svg"), size="large"
)

open_ = login.passed()


def shown(page: Callable[[], None]) -> Callable[[], None]:
    """A page, or the login in its place: addresses stay what they are."""
    return page if open_ else login.page


pages = {
    "Watch": [
        st.Page(shown(overview.page), title="Overview", icon=":material/monitoring:", default=True),
        st.Page(
            shown(orders.page), title="Orders", icon=":material/receipt_long:", url_path="orders"
        ),
        st.Page(
            shown(service_map.page), title="Service map", icon=":material/hub:", url_path="map"
        ),
        st.Page(shown(order.page), title="Order", url_path="order", visibility="hidden"),
        st.Page(shown(service.page), title="Service", url_path="service", visibility="hidden"),
    ],
    "Set up": [
        st.Page(
            shown(model.page),
            title="Workflow model",
            icon=":material/account_tree:",
            url_path="model",
        ),
        st.Page(
            shown(health.page),
            title="Health",
            icon=":material/health_and_safety:",
            url_path="health",
        ),
    ],
}
if control_url():
    pages["Try"] = [
        st.Page(shown(demo.page), title="Demo", icon=":material/bolt:", url_path="demo")
    ]
chosen = st.navigation(pages, position="sidebar" if open_ else "hidden")
if open_:
    login.account()
chosen.run()
