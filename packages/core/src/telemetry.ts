// Tracing as both apps see it: spans, and the traceparent (W3C Trace Context) that travels in rows from one process to the next. Off, it
// costs a function call; the SDK behind it is loaded only when there is somewhere to send spans to.
import type { Telemetry as QueueTelemetry } from 'bullmq';

export type SpanAttributes = Record<string, string | number | boolean>;
export type SpanKind = 'internal' | 'server' | 'client';

export interface Span {
  /** `00-<trace id>-<span id>-<flags>`; null where spans are not made. */
  traceparent: string | null;
  set(attributes: SpanAttributes): void;
  /** The span ended badly; says nothing to the caller of the work. */
  fail(error: unknown): void;
  end(): void;
}

export interface Telemetry {
  /** Of the span that runs here; null without one. */
  traceparent(): string | null;
  /**
   * Runs `action` inside a new span, which ends with it. `parent` is a traceparent, out of a row for instance; null is what runs here. A
   * parent of the trace that runs here already gives way to what runs here: it is the nearer one.
   */
  span<Result>(
    name: string,
    parent: string | null,
    attributes: SpanAttributes,
    action: (span: Span) => Promise<Result>,
    kind?: SpanKind,
  ): Promise<Result>;
  /** Runs `action` as part of the span that `parent` names, for libraries that make spans by themselves. */
  within<Result>(parent: string | null, action: () => Result): Result;
  /** Begins a span that somebody ends by hand, under `parent` or as the first of its trace. */
  begin(name: string, parent: string | null, attributes: SpanAttributes, kind?: SpanKind): Span;
  /** For the queue's own spans; undefined where spans are not made. */
  queue?: QueueTelemetry;
  /** Sends what is left, in bounded time. */
  close(): Promise<void>;
}

const NO_SPAN: Span = {
  traceparent: null,
  set: () => undefined,
  fail: () => undefined,
  end: () => undefined,
};

export const NO_TELEMETRY: Telemetry = {
  traceparent: () => null,
  span: (_name, _parent, _attributes, action) => action(NO_SPAN),
  within: (_parent, action) => action(),
  begin: () => NO_SPAN,
  close: async () => undefined,
};

export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;

export interface TelemetryOptions {
  /** The process: `api`, `worker`. */
  name: string;
  /** Base of an OTLP/HTTP collector, as `http://collector:4318`; empty turns tracing off. */
  otlpEndpoint: string;
  otlpProtocol: (typeof OTLP_PROTOCOLS)[number];
}

/** OpenTelemetry is one for a process, and so is this. */
let started = NO_TELEMETRY;

/** To be called before queues are opened: their spans are part of it. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  if (options.otlpEndpoint === '') return NO_TELEMETRY;
  const { startOpenTelemetry } = await import('./open-telemetry.ts');
  started = await startOpenTelemetry(options);
  return started;
}

/** A scheduler's next run is added by the one before: that would be one trace without an end. */
const UNTRACED_QUEUE = 'maintenance';

/** What a queue is opened with, to make spans of its own. */
export function queueTelemetry(queueName: string): { telemetry?: QueueTelemetry } {
  if (started.queue === undefined || queueName === UNTRACED_QUEUE) return {};
  return { telemetry: started.queue };
}
