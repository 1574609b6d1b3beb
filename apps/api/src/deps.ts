// Opens what the API stands on, once, and closes it in the right order.
import {
  type Logger,
  type NudgeSender,
  type ObjectStore,
  openNudgeSender,
  openObjectStore,
  startTelemetry,
  type Telemetry,
} from '@tintype/core';
import {
  type Database,
  type DatabaseHealth,
  type FinishedJobs,
  listenForFinishedJobs,
  openDatabase,
  watchDatabase,
} from '@tintype/prisma';
import { type Backlog, watchBacklog } from './backlog.ts';
import type { ApiConfig } from './config.ts';
import { guardDatabase } from './guard-database.ts';

export interface Deps {
  /** Fails at once while it is known to be away. */
  db: Database;
  health: DatabaseHealth;
  backlog: Backlog;
  objects: ObjectStore;
  nudges: NudgeSender;
  deliveries: NudgeSender;
  finished: FinishedJobs;
  telemetry: Telemetry;
  close(): Promise<void>;
}

/** @throws ConfigError for a queue that would lose jobs. Servers that are away do not matter yet. */
export async function openDeps(config: ApiConfig, log: Logger): Promise<Deps> {
  const telemetry = await startTelemetry({ ...config, name: 'api' });
  const nudges = await openNudgeSender(config.queueUrl, 'process-image', (err) =>
    log.debug({ err }, 'queue connection'),
  );
  const deliveries = await openNudgeSender(config.queueUrl, 'deliver-webhook', (err) =>
    log.debug({ err }, 'queue connection'),
  );
  const objects = await openObjectStore(config.objectStoreUrl);
  const health = watchDatabase(config.databaseUrl);
  const opened = openDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    connectTimeoutMs: config.databaseConnectTimeoutMs,
    statementTimeoutMs: config.databaseStatementTimeoutMs,
  });
  const db = guardDatabase(opened, health);
  // Known before the first request comes, and never asked for by one.
  await health.known;
  const backlog = watchBacklog(db.jobs);
  const finished = listenForFinishedJobs(config.databaseUrl, (err) =>
    log.warn({ err }, 'listening for finished jobs'),
  );
  return {
    db,
    health,
    backlog,
    objects,
    nudges,
    deliveries,
    finished,
    telemetry,
    close: async () => {
      await finished.close();
      await nudges.close();
      await deliveries.close();
      await backlog.close();
      await db.close();
      await health.close();
      await objects.close();
      await telemetry.close();
    },
  };
}
