"""Declared flows: what should come after what, said by people, a YAML file a workflow."""
