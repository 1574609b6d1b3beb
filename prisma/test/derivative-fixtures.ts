// Derivatives in any state, for tests that do not care how they came there.
import { randomBytes } from 'node:crypto';
import {
  type ClaimedDerivative,
  type Database,
  type DerivativeRow,
  type MadeDerivative,
  newId,
  type WantedDerivative,
} from '../src/index.ts';
import type { TestDatabase } from './database.ts';

export const LEASE = { leaseMs: 60_000 };
export const PLENTY = { most: 200, retryFailedAfterMs: 60_000 };
export const FOR_GOOD = {
  errorCode: 'NOT_RENDERABLE',
  errorMessage: 'No.',
  counts: true,
  retryAfterMs: null,
};
export const MADE: MadeDerivative = {
  objectKey: 'derived/1',
  format: 'webp',
  width: 320,
  height: 200,
  bytes: 5000,
  sha256Hex: 'cd'.repeat(32),
};

/** Of a file that is no image's, unless told otherwise. */
export function aWish(given: Partial<WantedDerivative> = {}): WantedDerivative {
  return {
    imageId: null,
    sourceKey: `files/${given.imageId ?? newId()}`,
    digestHex: randomBytes(32).toString('hex'),
    transform: { width: 320 },
    isKept: false,
    requestId: 'req-1',
    traceparent: null,
    ...given,
  };
}

export type Owned = Partial<WantedDerivative> & { tenantId?: string };

/** One that waits. */
export async function wantDerivative(
  db: Database,
  { tenantId = newId(), ...given }: Owned = {},
): Promise<DerivativeRow> {
  const wanted = await db.derivatives.want(tenantId, aWish(given), PLENTY);
  if (wanted === undefined || wanted === 'too-many') throw new Error(`It can not be wanted: ${wanted}.`);
  return wanted.row;
}

export async function claimDerivative(db: Database, given: Owned = {}): Promise<ClaimedDerivative> {
  const { id } = await wantDerivative(db, given);
  return claimAgain(db, id);
}

export async function claimAgain(db: Database, id: string): Promise<ClaimedDerivative> {
  const claim = await db.making.claim(id, LEASE);
  if (claim === undefined) throw new Error('The derivative could not be claimed.');
  return claim;
}

/** One that is ready. */
export async function makeDerivative(
  db: Database,
  given: Owned = {},
  made: Partial<MadeDerivative> = {},
): Promise<ClaimedDerivative> {
  const claim = await claimDerivative(db, given);
  const { id, attempt } = claim;
  if (!(await db.making.finish({ id, attempt, ...MADE, ...made }))) throw new Error('It was lost.');
  return claim;
}

export async function storedBytes(query: TestDatabase['query'], tenantId: string): Promise<number> {
  const [row] = await query<{ bytes: number }>(
    'SELECT stored_bytes::float8 AS bytes FROM tenant_usage WHERE tenant_id = $1',
    [tenantId],
  );
  return row?.bytes ?? 0;
}
