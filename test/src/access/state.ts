// What the database holds, as digests of its tables: what a refused call must leave as it was.
import type { Accounts } from './accounts.ts';

/** Written by every call, let in or not, and by the clock. */
const NOTEBOOKS = ['request_logs', 'usage_days', 'rate_windows', '_prisma_migrations'];
/** When somebody was last seen. */
const LAST_SEEN = ['last_used_at'];

export function watchState({ rows }: Pick<Accounts, 'rows'>): () => Promise<Map<string, string>> {
  let statement: Promise<string> | undefined;

  async function write(): Promise<string> {
    const tables = await rows<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL ($1) ORDER BY 1`,
      [NOTEBOOKS],
    );
    const seen = LAST_SEEN.map((column) => ` - '${column}'`).join('');
    return tables
      .map(
        ({ name }) =>
          `SELECT '${name}' AS name, md5(coalesce(string_agg((to_jsonb(t)${seen})::text, ' ' ORDER BY to_jsonb(t)::text), '')) AS digest FROM "${name}" t`,
      )
      .join(' UNION ALL ');
  }

  return async () => {
    statement ??= write();
    const digests = await rows<{ name: string; digest: string }>(await statement);
    return new Map(digests.map(({ name, digest }) => [name, digest]));
  };
}
