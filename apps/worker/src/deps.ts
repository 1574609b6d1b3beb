// Opens what the worker stands on, once, and closes it in the right order.
import {
  type Logger,
  type NudgeSender,
  type ObjectStore,
  openNudgeSender,
  openObjectStore,
} from '@tintype/core';
import { type Database, openDatabase } from '@tintype/prisma';
import type { WorkerConfig } from './config.ts';
import { type Inspector, openInspector } from './inspector.ts';

export interface Deps {
  db: Database;
  objects: ObjectStore;
  nudges: NudgeSender;
  inspector: Inspector;
  log: Logger;
  close(): Promise<void>;
}

/** @throws ConfigError for a queue that would lose jobs. Servers that are away do not matter yet. */
export async function openDeps(
  config: WorkerConfig,
  { log, onBroken }: { log: Logger; onBroken: () => void },
): Promise<Deps> {
  const nudges = await openNudgeSender(config.queueUrl, (err) => log.debug({ err }, 'queue connection'));
  const objects = await openObjectStore(config.objectStoreUrl);
  const db = openDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize });
  const inspector = openInspector(config, { log, onBroken });
  return {
    db,
    objects,
    nudges,
    inspector,
    log,
    close: async () => {
      await inspector.close();
      await nudges.close();
      await db.close();
      await objects.close();
    },
  };
}
