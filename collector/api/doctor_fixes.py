"""The lines to add for each thing that telemetry lacks, in the language that the service speaks."""

# ruff: noqa: E501 - lines to copy are as long as they are
from __future__ import annotations

_ANY = "any"
_SET_KEY = {
    "python": "from opentelemetry import trace\n\n"
    'trace.get_current_span().set_attribute("order.id", order_id)',
    "java": 'Span.current().setAttribute("order.id", orderId);',
    "nodejs": 'trace.getActiveSpan()?.setAttribute("order.id", orderId);',
    "go": 'trace.SpanFromContext(ctx).SetAttributes(attribute.String("order.id", orderID))',
    _ANY: "set the attribute order.id on the span that serves the request or handles the message",
}
_CONTINUE = {
    "python": "from opentelemetry import propagate, trace\n\n"
    "headers = {key: value.decode() for key, value in message.headers}\n"
    "producer = trace.get_current_span(propagate.extract(headers)).get_span_context()\n"
    "with tracer.start_as_current_span(\n"
    '    f"{topic} process",\n'
    "    kind=trace.SpanKind.CONSUMER,\n"
    "    links=[trace.Link(producer)],\n"
    '    attributes={"messaging.system": "kafka", "messaging.destination.name": topic,\n'
    '                "messaging.operation.type": "process", "order.id": order_id},\n'
    "):\n"
    "    handle(message)",
    "java": "Context producer = GlobalOpenTelemetry.getPropagators().getTextMapPropagator()\n"
    "    .extract(Context.current(), message.headers(), getter);\n"
    'Span span = tracer.spanBuilder(topic + " process").setSpanKind(SpanKind.CONSUMER)\n'
    "    .addLink(Span.fromContext(producer).getSpanContext())\n"
    '    .setAttribute("messaging.destination.name", topic).startSpan();\n'
    "try (Scope scope = span.makeCurrent()) { handle(message); } finally { span.end(); }",
    "nodejs": "const producer = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, message.headers));\n"
    "tracer.startActiveSpan(`${topic} process`, {kind: SpanKind.CONSUMER,\n"
    "  links: producer ? [{context: producer}] : [],\n"
    "  attributes: {'messaging.destination.name': topic}}, span => {\n"
    "  try { handle(message); } finally { span.end(); }\n"
    "});",
    "go": "producer := otel.GetTextMapPropagator().Extract(ctx, carrier)\n"
    'ctx, span := tracer.Start(producer, topic+" process", trace.WithSpanKind(trace.SpanKindConsumer),\n'
    '\ttrace.WithAttributes(attribute.String("messaging.destination.name", topic)))\n'
    "defer span.End()\nhandle(ctx, message)",
    _ANY: "start a span of kind CONSUMER around the handler, with the context that the message carries "
    "(traceparent) as its parent or link",
}
_MESSAGE = {
    "python": 'span.set_attribute("messaging.destination.name", topic)\n'
    'span.set_attribute("messaging.message.id", message_id)',
    "java": 'span.setAttribute("messaging.destination.name", topic);\n'
    'span.setAttribute("messaging.message.id", messageId);',
    "nodejs": "span.setAttributes({'messaging.destination.name': topic, 'messaging.message.id': messageId});",
    "go": 'span.SetAttributes(attribute.String("messaging.destination.name", topic),\n'
    '\tattribute.String("messaging.message.id", messageID))',
    _ANY: "set messaging.destination.name and messaging.message.id on spans of kinds PRODUCER and CONSUMER",
}
_KIND = {
    "python": "with tracer.start_as_current_span(name, kind=trace.SpanKind.CONSUMER):",
    "java": "tracer.spanBuilder(name).setSpanKind(SpanKind.CONSUMER).startSpan();",
    "nodejs": "tracer.startActiveSpan(name, {kind: SpanKind.CONSUMER}, span => { … });",
    "go": "ctx, span := tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindConsumer))",
    _ANY: "give spans their kind: SERVER, CLIENT, PRODUCER or CONSUMER",
}
_STABLE_NAMES = {
    "java": "OTEL_SEMCONV_STABILITY_OPT_IN=http,database,messaging",
    "python": "OTEL_SEMCONV_STABILITY_OPT_IN=http,database",
    "nodejs": "OTEL_SEMCONV_STABILITY_OPT_IN=http,database",
    _ANY: "update the instrumentation; nothing is lost meanwhile, both names are read",
}
_FIXES: dict[str, dict[str, str]] = {
    "no_order_key": _SET_KEY,
    "consumer_detached": _CONTINUE,
    "handler_detached": _CONTINUE,
    "no_destination": _MESSAGE,
    "no_message_id": _MESSAGE,
    "no_span_kind": _KIND,
    "old_names": _STABLE_NAMES,
    "no_service_name": {_ANY: "OTEL_SERVICE_NAME=<name>"},
    "no_service_version": {_ANY: 'OTEL_RESOURCE_ATTRIBUTES="service.version=<version>"'},
    "no_instance": {_ANY: 'OTEL_RESOURCE_ATTRIBUTES="service.instance.id=$HOSTNAME"'},
    "exports_late": {_ANY: "OTEL_BSP_SCHEDULE_DELAY=1000"},
    "sampled": {_ANY: "OTEL_TRACES_SAMPLER=parentbased_always_on"},
    "spans_missing": {_ANY: "OTEL_BSP_MAX_QUEUE_SIZE=8192\nOTEL_BSP_SCHEDULE_DELAY=1000"},
    "many_names": {_ANY: "name spans by template (GET /orders/{id}), and put ids into attributes"},
    "clock_off": {_ANY: "systemctl enable --now systemd-timesyncd"},
    "no_consumer": {
        _ANY: "instrument the consumer, or leave it if nobody is meant to take these messages"
    },
    "no_producer": {
        _ANY: "instrument the producer, so that it sends traceparent with its messages"
    },
}
PROBLEMS = tuple(_FIXES)


def fix(problem: str, language: str) -> str:
    """The lines for a problem; those for any language where it has none of its own."""
    lines = _FIXES[problem]
    return lines.get(language, lines[_ANY])
