"""The collector: takes spans in, reconstructs orders, learns, judges, answers."""
