// Makes the role and the database that an address names, as somebody who may: the first step on a server that was just rented. Knows
// administrators of managed servers, who are no superusers. Refuses to know what lies in the database.
import pg from 'pg';
import { passwordVerifier } from './password-verifier.ts';

export interface Administrator {
  /** Any database of the same server, without credentials; the lock is held there: `postgres://host:5432/postgres?sslmode=verify-full` */
  url: string;
  user: string;
  password: string;
}

export interface CreatedDatabase {
  role: string;
  database: string;
  isRoleNew: boolean;
  isDatabaseNew: boolean;
}

/** Of our own choice; whoever makes a database of ours waits here. */
const ADVISORY_LOCK = 72707370;

/**
 * Leaves a role that may log in with the address's password, and a database that it owns. May be called again, and by several at once.
 *
 * @throws Error for an address that names no user, no password or no database, or names the administrator
 * @throws the driver's error where the server does not answer, or the administrator may not do it
 */
export async function createDatabase(databaseUrl: string, admin: Administrator): Promise<CreatedDatabase> {
  const { role, password, database } = readAddress(databaseUrl);
  if (role === admin.user)
    throw new Error(`The role "${role}" would own the database: it must not be the administrator's.`);
  const client = new pg.Client({
    connectionString: withCredentials(admin),
    connectionTimeoutMillis: 5000,
    application_name: 'tintype-create-database',
  });
  // A lost connection rejects the query that runs; without a listener it would end the process as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    const isRoleNew = await makeRole(client, role, password);
    await allowToGive(client, role);
    const isDatabaseNew = await makeDatabase(client, database, role);
    return { role, database, isRoleNew, isDatabaseNew };
  } finally {
    await client.end();
  }
}

/** As the driver reads it when it connects, but for what it would guess. */
function readAddress(databaseUrl: string): { role: string; password: string; database: string } {
  const { username, password, pathname } = new URL(databaseUrl);
  if ([username, password, pathname.slice(1)].includes(''))
    throw new Error('The address of the database must name a user, a password and a database.');
  const client = new pg.Client({ connectionString: databaseUrl });
  return { role: client.user ?? '', password: client.password ?? '', database: client.database ?? '' };
}

function withCredentials({ url, user, password }: Administrator): string {
  const address = new URL(url);
  address.username = encodeURIComponent(user);
  address.password = encodeURIComponent(password);
  return address.href;
}

/** The password is set each time: whether it changed, only a login would tell. */
async function makeRole(client: pg.Client, role: string, password: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verifier = pg.escapeLiteral(passwordVerifier(password));
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD ${verifier}`);
  return rowCount === 0;
}

/** Who is no superuser gives a database only to a role that he may become, and making a role does not yet allow that. */
async function allowToGive(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  if (rows[0]?.super !== true) await client.query(`GRANT ${pg.escapeIdentifier(role)} TO CURRENT_USER`);
}

async function makeDatabase(client: pg.Client, database: string, role: string): Promise<boolean> {
  const [name, owner] = [pg.escapeIdentifier(database), pg.escapeIdentifier(role)];
  const { rows } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [database],
  );
  // Of template1 there is no copy while anybody is connected to it, and it may have another encoding.
  if (rows[0] === undefined)
    await client.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE template0 ENCODING 'UTF8'`);
  else if (rows[0].owner !== role) await client.query(`ALTER DATABASE ${name} OWNER TO ${owner}`);
  return rows[0] === undefined;
}
