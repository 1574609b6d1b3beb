// Metrics as lines of the log, in the embedded metric format of Amazon CloudWatch. Knows what they are called there, not where the log goes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import type { Logger } from '@tintype/core';
import type { Database } from '@tintype/prisma';
import type { WorkerConfig } from './config.ts';
import { every } from './every.ts';
import type { Totals, WorkerMetrics } from './metrics.ts';

/**
 * Of the whole service: every worker that takes jobs tells the same, so how many tell it in a minute says how many there are. Missing where
 * the database does not answer.
 */
interface Backlog {
  /** Jobs that are queued. */
  WaitingJobs?: number;
  /** Age of the job that waits longest, in seconds. */
  OldestJobSeconds?: number;
  /** Webhook deliveries that were given up and are still kept; counted up to 10000. */
  DeadDeliveries?: number;
}

/** Of this worker, since its line before. */
interface Done {
  CompletedJobs: number;
  FailedJobs: number;
  WebhookAttempts: number;
  WebhookFailures: number;
}

const UNITS: Record<keyof Backlog | keyof Done, 'Count' | 'Seconds'> = {
  WaitingJobs: 'Count',
  OldestJobSeconds: 'Seconds',
  DeadDeliveries: 'Count',
  CompletedJobs: 'Count',
  FailedJobs: 'Count',
  WebhookAttempts: 'Count',
  WebhookFailures: 'Count',
};

/** CloudWatch keeps one value a minute: the samples of all lines within it. */
const STORAGE_RESOLUTION_SECONDS = 60;

const NOTHING: Totals = { completed: 0, failed: 0, webhookAttempts: 0, webhookFailures: 0 };

interface Sources {
  db: {
    jobs: Pick<Database['jobs'], 'depth'>;
    webhookDeliveries: Pick<Database['webhookDeliveries'], 'depth'>;
  };
  metrics: Pick<WorkerMetrics, 'totals'>;
  /** False for a worker that stops: it only finishes what runs. */
  isWorking: () => boolean;
  log: Logger;
}

export interface EmbeddedMetrics {
  /** Writes a last line with what was done since the one before. */
  stop(): Promise<void>;
}

type Config = Pick<
  WorkerConfig,
  'embeddedMetricsSeconds' | 'embeddedMetricsNamespace' | 'embeddedMetricsStack'
>;

/** Undefined where EMBEDDED_METRICS_SECONDS is 0. */
export function startEmbeddedMetrics(config: Config, sources: Sources): EmbeddedMetrics | undefined {
  if (config.embeddedMetricsSeconds === 0) return undefined;
  const { metrics, isWorking, log } = sources;
  // Metrics are no matter of LOG_LEVEL.
  const lines = log.child({}, { level: 'info' });
  let before = NOTHING;

  async function write(backlog: Backlog): Promise<void> {
    const now = await metrics.totals();
    const told = isWorking() ? backlog : {};
    lines.info(embed({ ...told, ...since(before, now) }, config), 'metrics');
    before = now;
  }

  const rounds = every(
    config.embeddedMetricsSeconds * 1000,
    async () => write(await readBacklog(sources)),
    (err) => log.debug({ err }, 'metrics'),
  );
  return {
    stop: async () => {
      // A round that waits for the database is not waited for.
      void rounds.stop();
      await write({});
    },
  };
}

/** Each of the two queries has the time of any statement: DATABASE_STATEMENT_TIMEOUT_MS. */
async function readBacklog({ db, log }: Sources): Promise<Backlog> {
  const silent = (err: unknown) => {
    log.debug({ err }, 'the database does not tell the backlog');
    return undefined;
  };
  const [jobs, deliveries] = await Promise.all([
    db.jobs.depth().catch(silent),
    db.webhookDeliveries.depth().catch(silent),
  ]);
  return {
    ...(jobs && { WaitingJobs: jobs.queued, OldestJobSeconds: jobs.oldestQueuedAgeMs / 1000 }),
    ...(deliveries && { DeadDeliveries: deliveries.dead }),
  };
}

function since(before: Totals, now: Totals): Done {
  return {
    CompletedJobs: now.completed - before.completed,
    FailedJobs: now.failed - before.failed,
    WebhookAttempts: now.webhookAttempts - before.webhookAttempts,
    WebhookFailures: now.webhookFailures - before.webhookFailures,
  };
}

/** The document: what CloudWatch is to read, and the values at its root. */
function embed(values: Backlog & Done, config: Config): object {
  const Metrics = (Object.keys(values) as (keyof typeof values)[]).map((Name) => ({
    Name,
    Unit: UNITS[Name],
    StorageResolution: STORAGE_RESOLUTION_SECONDS,
  }));
  const directive = { Namespace: config.embeddedMetricsNamespace, Dimensions: [['Stack']], Metrics };
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
    Stack: config.embeddedMetricsStack,
    ...values,
  };
}
