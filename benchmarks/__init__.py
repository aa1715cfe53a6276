"""Measurements: each prints what it measured and on which machine, and asserts nothing."""
