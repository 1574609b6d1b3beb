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
  type DatabaseHealth,
  type FinishedJobs,
  listenForFinishedJobs,
  openDatabase,
  watchDatabase,
} from '@tintype/prisma';
import type { TokenVerifier } from './auth/token-verifier.ts';
import { type Backlog, watchBacklog } from './backlog.ts';
import type { ApiConfig } from './config.ts';
import { type ApiDatabase, guardDatabase } from './guard-database.ts';
import { openRates, type Rates } from './limits/rates.ts';
import { startUsageRecorder, type UsageRecorder } from './limits/usage-recorder.ts';
import { openTokenVerifier } from './oidc/open-token-verifier.ts';

export interface Deps {
  /** Fails at once while it is known to be away. */
  db: ApiDatabase;
  health: DatabaseHealth;
  backlog: Backlog;
  rates: Rates;
  usage: UsageRecorder;
  objects: ObjectStore;
  nudges: NudgeSender;
  deliveries: NudgeSender;
  /** Of derivatives. */
  makings: NudgeSender;
  finished: FinishedJobs;
  telemetry: Telemetry;
  /** Undefined where no OIDC provider is configured. */
  tokens: TokenVerifier | undefined;
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
  const makings = await openNudgeSender(config.queueUrl, 'make-derivative', (err) =>
    log.debug({ err }, 'queue connection'),
  );
  const objects = await openObjectStore(config.objectStoreUrl);
  const health = watchDatabase(config.databaseUrl);
  const opened = openDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    connectTimeoutMs: config.databaseConnectTimeoutMs,
    statementTimeoutMs: config.databaseStatementTimeoutMs,
    keptLogRows: config.requestLogKeptRows,
  });
  const db = guardDatabase(opened, health);
  // Known before the first request comes, and never asked for by one.
  await health.known;
  const backlog = watchBacklog(db.jobs);
  const rates = await openRates({ config, db, log });
  const usage = startUsageRecorder(db.usage, log);
  const finished = listenForFinishedJobs(config.databaseUrl, (err) =>
    log.warn({ err }, 'listening for finished jobs'),
  );
  const tokens = openTokenVerifier(config, log);
  return {
    db,
    health,
    backlog,
    rates,
    usage,
    objects,
    nudges,
    deliveries,
    makings,
    finished,
    telemetry,
    tokens,
    close: async () => {
      tokens?.close();
      await finished.close();
      await nudges.close();
      await deliveries.close();
      await makings.close();
      await backlog.close();
      await rates.close();
      await usage.close();
      await db.close();
      await health.close();
      await objects.close();
      await telemetry.close();
    },
  };
}
