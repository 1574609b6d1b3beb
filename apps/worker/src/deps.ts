// Opens what the worker stands on, once, and closes it in the right order.
import {
  createOutgoingAgent,
  type Logger,
  type NudgeSender,
  type ObjectStore,
  openNudgeSender,
  openObjectStore,
  startTelemetry,
  type Telemetry,
} from '@tintype/core';
import { type Database, openDatabase } from '@tintype/prisma';
import type { Dispatcher } from 'undici';
import type { WorkerConfig } from './config.ts';
import { type Inspector, openInspector } from './inspector.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics.ts';
import { openRenderer, type Renderer } from './renderer.ts';

/** To connect, and the longest pause in an answer. */
const FETCH_IDLE_MS = 10_000;

export interface Deps {
  db: Database;
  objects: ObjectStore;
  nudges: NudgeSender;
  /** Nudges for webhook deliveries. */
  deliveries: NudgeSender;
  /** Nudges for derivatives. */
  renders: NudgeSender;
  inspector: Inspector;
  renderer: Renderer;
  /** For images that came as an URL. */
  fetchAgent: Dispatcher;
  webhookAgent: Dispatcher;
  metrics: WorkerMetrics;
  telemetry: Telemetry;
  log: Logger;
  close(): Promise<void>;
}

/** @throws ConfigError for a queue that would lose jobs. Servers that are away do not matter yet. */
export async function openDeps(
  config: WorkerConfig,
  { log, onBroken }: { log: Logger; onBroken: () => void },
): Promise<Deps> {
  const telemetry = await startTelemetry({ ...config, name: 'worker' });
  const nudges = await openNudgeSender(config.queueUrl, 'process-image', (err) =>
    log.debug({ err }, 'queue connection'),
  );
  const deliveries = await openNudgeSender(config.queueUrl, 'deliver-webhook', (err) =>
    log.debug({ err }, 'queue connection'),
  );
  const renders = await openNudgeSender(config.queueUrl, 'make-derivative', (err) =>
    log.debug({ err }, 'queue connection'),
  );
  const objects = await openObjectStore(config.objectStoreUrl);
  const db = openDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    connectTimeoutMs: config.databaseConnectTimeoutMs,
    statementTimeoutMs: config.databaseStatementTimeoutMs,
  });
  const inspector = openInspector(config, { log, onBroken });
  const renderer = openRenderer(config, { log });
  const fetchAgent = createOutgoingAgent({
    allow: config.outgoingAllow,
    connectTimeoutMs: FETCH_IDLE_MS,
    headersTimeoutMs: FETCH_IDLE_MS,
    bodyTimeoutMs: FETCH_IDLE_MS,
  });
  const webhookAgent = createOutgoingAgent({
    allow: config.outgoingAllow,
    connectTimeoutMs: config.webhookTimeoutMs,
    // What is sent has a time for everything: see webhook/send.ts.
    headersTimeoutMs: 0,
    bodyTimeoutMs: 0,
  });
  return {
    db,
    objects,
    nudges,
    deliveries,
    renders,
    inspector,
    renderer,
    fetchAgent,
    webhookAgent,
    metrics: createWorkerMetrics(),
    telemetry,
    log,
    close: async () => {
      await inspector.close();
      await renderer.close();
      await fetchAgent.destroy();
      await webhookAgent.destroy();
      await nudges.close();
      await deliveries.close();
      await renders.close();
      await db.close();
      await objects.close();
      await telemetry.close();
    },
  };
}
