// Tracing by OpenTelemetry: spans go to an OTLP/HTTP collector in batches. A collector that is away costs its spans and nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Context,
  context,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { BullMQOtel } from 'bullmq-otel';
import type { Span, SpanAttributes, SpanKind, Telemetry, TelemetryOptions } from './telemetry.ts';

/** Longer than a collector needs, shorter than a stopping process may be held up. */
const CLOSE_TIMEOUT_MS = 3000;

const KINDS: Record<SpanKind, OtelSpanKind> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
};

export async function startOpenTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const service = `tintype-${options.name}`;
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service }))
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(await openExporter(options))],
  });
  // BullMQ's spans find their parents through these three.
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const tracer = provider.getTracer('tintype');

  function begin(name: string, parent: Context, attributes: SpanAttributes, kind: SpanKind): OtelSpan {
    return tracer.startSpan(name, { attributes, kind: KINDS[kind] }, parent);
  }

  return {
    traceparent: () => traceparentOf(context.active()),
    queue: new BullMQOtel({ tracerName: 'bullmq' }),
    within: (parent, action) => context.with(nearest(parent), action),
    begin: (name, parent, attributes, kind = 'internal') =>
      present(begin(name, contextOf(parent), attributes, kind)),
    span: async (name, parent, attributes, action, kind = 'internal') => {
      const above = nearest(parent);
      const span = begin(name, above, attributes, kind);
      const shown = present(span);
      try {
        return await context.with(trace.setSpan(above, span), () => action(shown));
      } catch (error) {
        shown.fail(error);
        throw error;
      } finally {
        span.end();
      }
    },
    close: async () => {
      const over = new AbortController();
      const timeIsUp = sleep(CLOSE_TIMEOUT_MS, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([provider.shutdown().catch(() => undefined), timeIsUp]);
      over.abort();
    },
  };
}

async function openExporter({ otlpEndpoint, otlpProtocol }: TelemetryOptions): Promise<SpanExporter> {
  const url = `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`;
  const { OTLPTraceExporter } =
    otlpProtocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter({ url });
}

function contextOf(traceparent: string | null): Context {
  return traceparent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function nearest(parent: string | null): Context {
  const here = context.active();
  if (parent === null) return here;
  const there = contextOf(parent);
  const isSameTrace = trace.getSpanContext(here)?.traceId === trace.getSpanContext(there)?.traceId;
  return isSameTrace ? here : there;
}

function traceparentOf(of: Context): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(of, carrier);
  return carrier.traceparent ?? null;
}

function present(span: OtelSpan): Span {
  return {
    traceparent: traceparentOf(trace.setSpan(ROOT_CONTEXT, span)),
    set: (attributes) => void span.setAttributes(attributes),
    fail: (error) => {
      const message = error instanceof Error ? error.message : String(error);
      span.recordException(error instanceof Error ? error : message);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    end: () => span.end(),
  };
}
