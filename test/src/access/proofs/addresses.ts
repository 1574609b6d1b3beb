// Addresses that were signed let in to the one thing they were signed for, as long as they count; and anybody sees what is public, and no more.
import { setTimeout as sleep } from 'node:timers/promises';
import { type SigningKey, signAddress } from '@tintype/core';
import type { Answer, Order } from '../http.ts';
import type { Measured, Proof, ProofGround } from '../proof.ts';
import { nameOf, type Route } from '../route-table.ts';

const HOUR_MS = 3_600_000;
const WHO = '401 UNAUTHENTICATED';
const WRONG = '403 SIGNATURE_INVALID';
const LATE = '403 SIGNATURE_EXPIRED';
const OWNER = 'owner, key';

type Kind = readonly [name: string, onSigned: string, alter: (address: string) => string];

/** What becomes of an address that is well signed, on routes that take such. On all others nobody is let in by it. */
const KINDS: readonly Kind[] = [
  ['signed', 'in', (address) => address],
  ['cut off', WRONG, (address) => address.replace(/&signature=.*/, '')],
  ['altered', WRONG, (address) => `${address.slice(0, -2)}${address.endsWith('AA') ? 'BA' : 'AA'}`],
  ['with more', WRONG, (address) => `${address}&w=1`],
  ['prolonged', WRONG, (address) => address.replace('expires=', 'expires=9')],
  ['of no key', WRONG, (address) => address.replace(/key=[^&]*/, 'key=dk_000000000000')],
];

const PATIENCE_MS = 15_000;
const ROUTES_AT_ONCE = 4;

export const addresses: Proof = {
  name: 'addresses',
  says: 'a signed address opens what it was signed for and nothing else; public is what is marked so',
  run: async (ground) => {
    const routes = ground.routes.filter(({ access }) => access !== 'public');
    const faults: string[][] = [];
    const left = [...routes];
    const turn = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        faults.push(await faultsOf(next, ground));
    };
    await Promise.all(Array.from({ length: ROUTES_AT_ONCE }, turn));
    // One after the other: they are about the same image.
    for (const route of routes) if (route.ofPublicImages) faults.push(await faultsOfPublic(route, ground));
    const signed = routes.filter(({ isSigned }) => isSigned).length;
    return {
      figure: `${signed} routes take ${KINDS.length + 1} kinds of address as they should, ${routes.length - signed} take none`,
      failures: faults.flat(),
    } satisfies Measured;
  },
};

async function faultsOf(route: Route, ground: ProofGround): Promise<string[]> {
  const { order, nobody } = await openRoute(route, ground);
  const key = await deliveryKeyOf(order, ground);
  const faults: string[] = [];
  const ask = async (what: string, path: string, expected: string) => {
    const answer = summaryOf(route, await ground.stage.send({ ...nobody, path }));
    const wanted = route.method === 'HEAD' ? expected.replace(/ .*/, '') : expected;
    if (answer !== wanted) faults.push(`${nameOf(route)}, ${what}: ${answer} for ${expected}`);
  };
  const signed = signedPath(order.path, key, HOUR_MS);
  for (const [kind, onSigned, alter] of KINDS)
    await ask(kind, alter(signed), route.isSigned ? onSigned : WHO);
  await ask('late', signedPath(order.path, key, -HOUR_MS), route.isSigned ? LATE : WHO);
  await ask('not signed', order.path, WHO);
  return faults;
}

/** Soon, in every process. */
async function faultsOfPublic(route: Route, ground: ProofGround): Promise<string[]> {
  const { nobody } = await openRoute(route, ground);
  const [id] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(nobody.path) ?? [];
  const faults: string[] = [];
  for (const [isPublic, expected] of [
    [true, 200],
    [false, 401],
  ] as const) {
    await ground.accounts.rows('UPDATE images SET is_public = $2 WHERE id = $1', [id, isPublic]);
    const deadline = performance.now() + PATIENCE_MS;
    let status = 0;
    while (status !== expected && performance.now() < deadline) {
      status = (await ground.stage.send(nobody)).status;
      await sleep(25);
    }
    if (status !== expected) faults.push(`${nameOf(route)}, public: ${isPublic}: ${status} for ${expected}`);
  }
  return faults;
}

/** What its owner asks, and what he asks who shows nothing. */
async function openRoute(route: Route, { stage }: ProofGround): Promise<{ order: Order; nobody: Order }> {
  const order = await (await stage.open(route, OWNER)).order(OWNER);
  const { 'x-api-key': _key, ...headers } = order.headers;
  return { order, nobody: { ...order, headers } };
}

async function deliveryKeyOf({ headers }: Order, { accounts }: ProofGround): Promise<SigningKey> {
  const [, id] = headers['x-api-key']?.split('_') ?? [];
  const [row] = await accounts.rows<{ tenantId: string }>(
    'SELECT tenant_id AS "tenantId" FROM api_keys WHERE id = $1',
    [id],
  );
  if (row === undefined) throw new Error('Its owner shows no key.');
  return accounts.db.deliveryKeys.current(row.tenantId);
}

function signedPath(path: string, key: SigningKey, forMs: number): string {
  const [plain = '', query = ''] = path.split('?');
  const expiresAt = new Date(Date.now() + forMs);
  return signAddress({ path: plain, query: Object.fromEntries(new URLSearchParams(query)), expiresAt }, key);
}

/** The answer to HEAD has no body that could say why. */
function summaryOf({ method }: Route, { status, code }: Answer): string {
  if (status < 400) return 'in';
  return method === 'HEAD' ? String(status) : `${status} ${code}`;
}
