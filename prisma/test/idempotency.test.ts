import t from 'tap';
import { type KeyHold, newId, openDatabase, type StoredAnswer } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { anImageToFetch } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();
const DAY_MS = 86_400_000;
const TIMES = { leaseMs: 15_000, keepMs: 7 * DAY_MS };
const ANSWER: StoredAnswer = {
  fingerprintHex: 'ab'.repeat(32),
  status: 201,
  headers: { location: '/v1/things/1' },
  body: { id: 1, name: 'Ærø "\\' },
};

function aHold(given: Partial<KeyHold> = {}): KeyHold {
  return { tenantId: newId(), key: 'key-1', owner: newId(), ...given };
}

const begin = (hold: KeyHold) => db.idempotency.begin(hold, TIMES);
const state = async (hold: KeyHold) => (await begin(hold)).state;

async function age(hold: KeyHold, change: string): Promise<void> {
  await query(`UPDATE idempotency_keys SET ${change} WHERE tenant_id = $1 AND key = $2`, [
    hold.tenantId,
    hold.key,
  ]);
}

type Step = (hold: KeyHold) => Promise<unknown>;
const finish: Step = (hold) => db.idempotency.finish(hold, ANSWER);
const SECOND: Record<string, { between: Step; state: string }> = {
  'while the first runs': { between: async () => undefined, state: 'running' },
  'after the first was answered': { between: finish, state: 'answered' },
  'after the first gave the key back': { between: db.idempotency.release, state: 'ours' },
  'when the lease of the first ran out': {
    between: (hold) => age(hold, `locked_until = now() - interval '1 ms'`),
    state: 'ours',
  },
  'when a lease that ran out was renewed': {
    between: async (hold) => {
      await age(hold, `locked_until = now() - interval '1 ms'`);
      await db.idempotency.renew([hold, aHold()], 15_000);
    },
    state: 'running',
  },
  'when the answer is as old as answers get': {
    between: async (hold) => {
      await finish(hold);
      await age(hold, `created_at = now() - interval '7 days 1 second'`);
    },
    state: 'ours',
  },
  'when the answer is not that old': {
    between: async (hold) => {
      await finish(hold);
      await age(hold, `created_at = now() - interval '6 days'`);
    },
    state: 'answered',
  },
};

for (const [name, { between, state: expected }] of Object.entries(SECOND)) {
  t.test(`a second request ${name}: ${expected}`, async (t) => {
    const first = aHold();
    t.equal(await state(first), 'ours');
    await between(first);
    const second = await begin({ ...first, owner: newId() });
    t.same(second, expected === 'answered' ? { state: 'answered', answer: ANSWER } : { state: expected });
  });
}

t.test('a key belongs to its tenant, and one key is not another', async (t) => {
  const hold = aHold();
  t.equal(await state(hold), 'ours');
  t.equal(await state(aHold({ tenantId: hold.tenantId, key: 'KEY-1' })), 'ours');
  t.equal(await state(aHold({ key: hold.key })), 'ours');
});

t.test('the same request asking twice has it still', async (t) => {
  const hold = aHold();
  t.same([await state(hold), await state(hold)], ['ours', 'ours']);
});

t.test('who lost the key neither answers, renews nor gives back', async (t) => {
  const first = aHold();
  const second = { ...first, owner: newId() };
  await begin(first);
  await age(first, `locked_until = now() - interval '1 ms'`);
  t.equal(await state(second), 'ours');
  const [before] = await query('SELECT * FROM idempotency_keys WHERE tenant_id = $1', [first.tenantId]);
  t.equal(await db.idempotency.finish(first, ANSWER), false);
  await db.idempotency.release(first);
  await db.idempotency.renew([first], 60_000);
  t.same(await query('SELECT * FROM idempotency_keys WHERE tenant_id = $1', [first.tenantId]), [before]);
  t.equal(await db.idempotency.finish(second, ANSWER), true);
  t.equal(await db.idempotency.finish(second, { ...ANSWER, status: 500 }), false, 'once');
  await db.idempotency.release(second);
  await db.idempotency.renew([second], 60_000);
  t.equal(await state({ ...first, owner: newId() }), 'answered');
});

t.test('of many at once exactly one has the key', async (t) => {
  const other = openDatabase({ url, poolSize: 8 });
  t.teardown(() => other.close());
  for (let round = 0; round < 10; round += 1) {
    const keys = Array.from({ length: 10 }, (_, index) => aHold({ key: `key-${index}` }));
    const calls = Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? keys : [...keys].reverse()).map(async (hold) => {
        const one = index % 3 === 0 ? db : other;
        const { state } = await one.idempotency.begin({ ...hold, owner: newId() }, TIMES);
        return { key: hold.key, state };
      }),
    );
    const states = await Promise.all(calls.flat());
    t.equal(states.filter(({ state }) => state === 'ours').length, 10);
    t.equal(new Set(states.filter(({ state }) => state === 'ours').map(({ key }) => key)).size, 10);
    t.ok(states.every(({ state }) => state !== 'answered'));
  }
});

t.test('keys that are finished, renewed and begun in opposite orders at once', async (t) => {
  const other = openDatabase({ url, poolSize: 8 });
  t.teardown(() => other.close());
  for (let round = 0; round < 10; round += 1) {
    const tenantId = newId();
    const holds = Array.from({ length: 40 }, (_, index) => aHold({ tenantId, key: `key-${index}` }));
    await Promise.all(holds.map(begin));
    const backwards = [...holds].reverse();
    const accept = (hold: KeyHold) => {
      const idempotency = { key: hold.key, owner: hold.owner, fingerprintHex: ANSWER.fingerprintHex };
      return other.uploads.acceptUrl(anImageToFetch({ tenantId, idempotency }));
    };
    const [answers] = await Promise.all([
      Promise.all(backwards.map(accept)),
      other.idempotency.renew(holds, 15_000),
      other.idempotency.renew(backwards, 15_000),
      Promise.all(backwards.map((hold) => begin({ ...hold, owner: newId() }))),
    ]);
    t.ok(answers.every(({ outcome }) => outcome === 'accepted'));
  }
});

t.test('an answer without a body', async (t) => {
  const hold = aHold();
  await begin(hold);
  await db.idempotency.finish(hold, { ...ANSWER, body: undefined, headers: {} });
  t.match(await begin({ ...hold, owner: newId() }), { answer: { body: null, headers: {} } });
});

t.test('a key that can not be stored fails alone', async (t) => {
  const holds = [aHold(), aHold({ key: 'a\0b' }), aHold()];
  const answers = await Promise.allSettled(holds.map(begin));
  t.same(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
