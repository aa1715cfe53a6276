"""Tests of the dashboard: figures, client, pages, server, and the pages in a browser."""
