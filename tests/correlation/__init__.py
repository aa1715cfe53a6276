"""Which order a span belongs to, and what a step is called."""
