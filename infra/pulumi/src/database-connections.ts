// How many connections to PostgreSQL each process may hold, so that all of them together are fewer than the instance takes. Knows no resource.
import { maxConnections } from './database-limits.ts';
import type { Settings } from './settings.ts';

type Sizes = Pick<Settings, 'database'> & {
  api: Pick<Settings['api'], 'maxTasks'>;
  worker: Pick<Settings['worker'], 'maxTasks'>;
};

/** The rest is for operators, the migration, RDS itself, and the memory that is not PostgreSQL's. */
const SHARE = 0.65;

/** What the service takes where nothing is said. */
const MOST = 10;
/** Fewer would wait for each other. A service with so many tasks wants a larger instance, or RDS Proxy. */
const FEWEST = 2;

/** DATABASE_POOL_SIZE: with all tasks twice, as they are while a new version takes over. */
export function poolSizeFor({ database, api, worker }: Sizes): number {
  const processes = 2 * (api.maxTasks + worker.maxTasks);
  const each = Math.floor((maxConnections(database.instanceClass) * SHARE) / processes);
  return Math.min(Math.max(each, FEWEST), MOST);
}
