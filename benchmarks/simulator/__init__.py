"""Made-up orders with faults of which the whole truth is known.

choreographies and faults → events (what really happens) → otlp (what the exporters send of it) →
play (the product on a virtual clock sees it); truth says what the product should have said.
"""
