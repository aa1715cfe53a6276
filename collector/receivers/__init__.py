"""The doors for telemetry: OTLP over HTTP and gRPC, and OTLP files."""
