"""The dashboard: pages that show what the collector's API answers."""
