"""The pages: fetch, draw, lay out. What can be reckoned without Streamlit is in `figures`."""
