"""Pure functions from answers to what is drawn; no Streamlit, no network."""
