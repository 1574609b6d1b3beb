// The database as requests see it. What tenants own is had from `of` alone, so that no route can forget whose request it answers. And
// while it is known to be away every call fails at once, and those under way when it goes away fail in that moment. What was sent may
// have been written all the same.
import { AppError } from '@tintype/core';
import {
  bindTenants,
  type Database,
  type DatabaseHealth,
  type SharedCalls,
  sharedCalls,
  TENANT_PARTS,
  type TenantParts,
} from '@tintype/prisma';

/** Parts that belong to no tenant. What is new is out of reach of routes until it stands here, or is a tenant's. */
const SERVICE = [
  'principals',
  'deliveryOwners',
  'users',
  'sessions',
  'plans',
  'rateWindows',
  'requestLogs',
  'reprocess',
] as const satisfies (keyof Database)[];

type Served = (typeof SERVICE)[number] | keyof TenantParts;

export type ApiDatabase = Pick<Database, (typeof SERVICE)[number] | 'of' | 'ping' | 'close'> & SharedCalls;

type Call = (...args: unknown[]) => Promise<unknown>;

/** Every method of every part rejects with DATABASE_UNAVAILABLE when `health` says so. */
export function guardDatabase(db: Database, health: DatabaseHealth): ApiDatabase {
  function guard(call: Call): Call {
    return (...args) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(new AppError('DATABASE_UNAVAILABLE'));
        if (!health.isUp) return giveUp();
        const stop = health.onAway(giveUp);
        call(...args)
          .then((result) => {
            health.answered();
            resolve(result);
          }, reject)
          .finally(stop);
      });
  }
  const guardAll = (part: object) =>
    Object.fromEntries(Object.entries(part).map(([name, call]) => [name, guard(call)]));
  const guarded = Object.fromEntries(
    [...SERVICE, ...TENANT_PARTS].map((name) => [name, guardAll(db[name])]),
  ) as unknown as Pick<Database, Served>;
  const { ping, close } = db;
  // Rows of the request log wait until it is back.
  const requestLogs = { ...guarded.requestLogs, write: db.requestLogs.write };
  return { ...guarded, ...sharedCalls(guarded), requestLogs, of: bindTenants(guarded), ping, close };
}
