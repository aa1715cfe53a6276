"""Lines that point services at the collector, by language. Made from its address alone."""

from __future__ import annotations

LANGUAGES = ("Python", "Java", "Go", "Node.js", "Collector")


def environment(url: str) -> str:
    """The variables that every OpenTelemetry SDK reads."""
    return (
        "export OTEL_SERVICE_NAME=my-service\n"
        f"export OTEL_EXPORTER_OTLP_ENDPOINT={url}\n"
        "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n"
        "export OTEL_BSP_SCHEDULE_DELAY=1000"
    )


def lines(language: str, url: str) -> list[tuple[str, str]]:
    """What to run or add, each with a word on it, in that language."""
    if language == "Collector":
        return [
            ("In the OpenTelemetry Collector's configuration", _collector(url)),
            ("Or load what it has written to a file", f"choreoscope load spans.json.gz --to {url}"),
        ]
    start, key = _LANGUAGES[language]
    return [
        ("Where to send", environment(url)),
        ("Start the service with instrumentation", start),
        ("Once per service, where the order's id is known", key),
    ]


def _collector(url: str) -> str:
    return (
        "exporters:\n"
        "  otlphttp/choreoscope:\n"
        f"    endpoint: {url}\n"
        "service:\n"
        "  pipelines:\n"
        "    traces:\n"
        "      exporters: [otlphttp/choreoscope]   # beside those that are there"
    )


_LANGUAGES = {
    "Python": (
        "pip install opentelemetry-distro opentelemetry-exporter-otlp\n"
        "opentelemetry-bootstrap --action install\n"
        "opentelemetry-instrument python app.py",
        "from opentelemetry import trace\n\n"
        'trace.get_current_span().set_attribute("order.id", order_id)',
    ),
    "Java": (
        "java -javaagent:opentelemetry-javaagent.jar -jar app.jar",
        "import io.opentelemetry.api.trace.Span;\n\n"
        'Span.current().setAttribute("order.id", orderId);',
    ),
    "Go": (
        "exporter, err := otlptracehttp.New(ctx) // reads the variables\n"
        "provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))\n"
        "otel.SetTracerProvider(provider)\n"
        "defer provider.Shutdown(ctx)",
        'trace.SpanFromContext(ctx).SetAttributes(attribute.String("order.id", orderID))',
    ),
    "Node.js": (
        "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node\n"
        "node --require @opentelemetry/auto-instrumentations-node/register app.js",
        "const { trace } = require('@opentelemetry/api');\n\n"
        "trace.getActiveSpan()?.setAttribute('order.id', orderId);",
    ),
}
