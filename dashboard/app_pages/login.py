"""The login in place of the pages, and who is logged in. Streamlit talks to the provider."""

from __future__ import annotations

import streamlit as st

from dashboard.components.signs import comeback, notice
from dashboard.login import allowed, file


def passed() -> bool:
    """Whether this session may see the pages."""
    if file() is None:
        return True
    return bool(st.user.is_logged_in) and allowed(_email(), _allow())


def page() -> None:
    """In place of every page, until somebody has logged in."""
    st.title("Choreoscope", anchor=False)
    if st.user.is_logged_in:
        notice(
            "no-permission",
            "No permission",
            f"{_email() or 'This account'} isn't on the list of those who may see these pages.",
            look="failed",
            icon="✕",
        )
        st.button("Log in as somebody else", on_click=st.logout)
        return
    comeback("remember")
    notice("login", "Log in to see how the orders are", "You come back to the page you asked for.")
    st.button("Log in", type="primary", on_click=st.login)


def account() -> None:
    """Who is logged in, in the sidebar; and back to the page that was asked for."""
    if file() is None:
        return
    comeback("return")
    with st.sidebar:
        st.text(_email() or "logged in")
        st.button("Log out", on_click=st.logout)


def _email() -> str | None:
    email = st.user.get("email")
    return str(email) if email else None


def _allow() -> list[str]:
    table = st.secrets.get("login", {})
    return [str(entry) for entry in table.get("allow", [])]
