// Sends one trace through one of OpenTelemetry's own exporters.
//
//     node export.js json|protobuf none|gzip http://127.0.0.1:4318/v1/traces SERVICE
//
// Ends with 0 when the exporter says that the collector took it.

import { SpanKind, SpanStatusCode, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [encoding, compression, url, service] = process.argv.slice(2);
const Exporter = encoding === "json" ? JsonExporter : ProtobufExporter;
const exporter = new Exporter({ url, compression });

const results = [];
const told = {
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      results.push(result);
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
};

const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "service.name": service }),
  spanProcessors: [new SimpleSpanProcessor(told)],
});
const tracer = provider.getTracer("shop", "1.2");

const parent = tracer.startSpan("checkout", { kind: SpanKind.SERVER }, ROOT_CONTEXT);
parent.setAttributes({ "order.id": "A-17", items: 3, paid: true, weight: 0.5, tags: ["a", "b"] });
const inside = trace.setSpan(ROOT_CONTEXT, parent);
const child = tracer.startSpan(
  "process",
  { kind: SpanKind.CONSUMER, links: [{ context: parent.spanContext() }] },
  inside,
);
child.addEvent("picked", { shelf: "B2" });
child.setStatus({ code: SpanStatusCode.ERROR, message: "broken" });
child.end();
parent.end();

await provider.forceFlush();
await provider.shutdown();
const failed = results.filter((result) => result.code !== 0);
for (const { error } of failed) console.error(error);
process.exit(results.length === 2 && failed.length === 0 ? 0 : 1);
