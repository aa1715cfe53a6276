"""Demo systems: real services and a real broker that speak only OTLP to the collector."""
