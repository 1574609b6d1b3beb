// Opens what the API stands on, once, and closes it in the right order.
import {
  type Logger,
  type NudgeSender,
  type ObjectStore,
  openNudgeSender,
  openObjectStore,
} from '@tintype/core';
import { type Database, type FinishedJobs, listenForFinishedJobs, openDatabase } from '@tintype/prisma';
import type { ApiConfig } from './config.ts';

export interface Deps {
  db: Database;
  objects: ObjectStore;
  nudges: NudgeSender;
  finished: FinishedJobs;
  close(): Promise<void>;
}

/** @throws ConfigError for a queue that would lose jobs. Servers that are away do not matter yet. */
export async function openDeps(config: ApiConfig, log: Logger): Promise<Deps> {
  const nudges = await openNudgeSender(config.queueUrl, (err) => log.debug({ err }, 'queue connection'));
  const objects = await openObjectStore(config.objectStoreUrl);
  const db = openDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize });
  const finished = listenForFinishedJobs(config.databaseUrl, (err) =>
    log.warn({ err }, 'listening for finished jobs'),
  );
  return {
    db,
    objects,
    nudges,
    finished,
    close: async () => {
      await finished.close();
      await nudges.close();
      await db.close();
      await objects.close();
    },
  };
}
