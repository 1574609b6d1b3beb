// Knows how to make and drop a database on a running server. Refuses to know what goes into it.
import pg from 'pg';

async function runOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${encodeURIComponent(name)}`;
  return address.href;
}

/**
 * Creates a database, as a copy of `template` where given (nobody may be connected to a template meanwhile).
 *
 * @param serverUrl a URL of any database of the server
 * @returns the new database's URL
 * @throws the driver's error, e.g. code 42P04 when the name is taken
 */
export async function createDatabase(
  serverUrl: string,
  name: string,
  options: { template?: string } = {},
): Promise<string> {
  const template = options.template === undefined ? '' : ` TEMPLATE ${pg.escapeIdentifier(options.template)}`;
  await runOn(serverUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)}${template}`);
  return withDatabase(serverUrl, name);
}

/** Drops the database of this URL, disconnecting whoever uses it; a missing one is no error. */
export async function dropDatabase(databaseUrl: string): Promise<void> {
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  const statement = `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`;
  await runOn(withDatabase(databaseUrl, 'postgres'), statement);
}
