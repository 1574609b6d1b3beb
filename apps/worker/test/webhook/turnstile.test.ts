import t from 'tap';
import { type Admission, createTurnstile } from '../../src/webhook/turnstile.ts';

const limits = { places: 6, placesPerEndpoint: 2, seats: 6, seatsPerEndpoint: 3 };

/** Answers what has been decided by now. */
async function now(admission: Promise<Admission>): Promise<Admission | 'waits'> {
  return Promise.race([admission, new Promise<'waits'>((resolve) => setImmediate(resolve, 'waits'))]);
}

function placeOf(admission: Admission | 'waits') {
  if (typeof admission === 'string' || !('place' in admission)) throw new Error(`no place: ${admission}`);
  return admission.place;
}

t.test('of one endpoint: some send, some wait, the rest comes later and later', async (t) => {
  const turnstile = createTurnstile(limits);
  const first = placeOf(await now(turnstile.enter('a', 'tenant')));
  placeOf(await now(turnstile.enter('a', 'tenant')));
  const seated = [
    turnstile.enter('a', 'tenant'),
    turnstile.enter('a', 'tenant'),
    turnstile.enter('a', 'tenant'),
  ];
  for (const one of seated) t.equal(await now(one), 'waits');
  const sentAway = await Promise.all(Array.from({ length: 50 }, () => turnstile.enter('a', 'tenant')));
  const pauses = sentAway.map((admission) => (admission as { laterMs: number }).laterMs);
  t.ok(pauses.every((pause) => pause >= 500 && pause <= 30_000));
  t.ok((pauses.at(-1) ?? 0) > 2000, 'as if they queued outside');
  placeOf(await now(turnstile.enter('b', 'tenant')));
  first.leave(true);
  placeOf(await now(seated[0] as Promise<Admission>));
  t.equal(await now(seated[1] as Promise<Admission>), 'waits');
});

t.test('all places together are bounded; who waited longest comes next', async (t) => {
  const turnstile = createTurnstile(limits);
  const places = [];
  for (const endpoint of ['a', 'a', 'b', 'b', 'c', 'c'])
    places.push(placeOf(await now(turnstile.enter(endpoint, 'tenant'))));
  t.equal(turnstile.taken(), 6);
  const [d, e, a] = [
    turnstile.enter('d', 'tenant'),
    turnstile.enter('e', 'tenant'),
    turnstile.enter('a', 'tenant'),
  ];
  for (const one of [d, e, a]) t.equal(await now(one), 'waits');
  places[0]?.leave(true);
  placeOf(await now(d));
  t.equal(await now(e), 'waits');
  places[2]?.leave();
  placeOf(await now(e));
  places[4]?.leave(true);
  placeOf(await now(a));
  t.equal(turnstile.taken(), 6);
});

t.test('one that does not answer gets one place at a time, until it answers', async (t) => {
  const turnstile = createTurnstile(limits);
  const [one, two] = [
    placeOf(await now(turnstile.enter('a', 'tenant'))),
    placeOf(await now(turnstile.enter('a', 'tenant'))),
  ];
  one.leave(false);
  const seated = turnstile.enter('a', 'tenant');
  t.equal(await now(seated), 'waits');
  t.match(await now(turnstile.enter('a', 'tenant')), { laterMs: Number });
  two.leave(false);
  const third = placeOf(await now(seated));
  const fourth = turnstile.enter('a', 'tenant');
  t.equal(await now(fourth), 'waits');
  third.leave(true);
  placeOf(await now(fourth));
  placeOf(await now(turnstile.enter('a', 'tenant')));
});

t.test('close sends away who waits, and whoever comes', async (t) => {
  const turnstile = createTurnstile({ ...limits, placesPerEndpoint: 1 });
  const place = placeOf(await now(turnstile.enter('a', 'tenant')));
  const seated = turnstile.enter('a', 'tenant');
  turnstile.close();
  t.equal(await now(seated), 'closed');
  t.equal(await now(turnstile.enter('b', 'tenant')), 'closed');
  place.leave(true);
  t.equal(turnstile.taken(), 0);
});

t.test('thousands of endpoints: those in use are never forgotten', async (t) => {
  const turnstile = createTurnstile({ ...limits, placesPerEndpoint: 1 });
  placeOf(await now(turnstile.enter('busy', 'tenant')));
  for (let index = 0; index < 3000; index += 1)
    placeOf(await now(turnstile.enter(`endpoint-${index}`, 'tenant'))).leave(true);
  t.equal(await now(turnstile.enter('busy', 'tenant')), 'waits');
});

t.test('a tenant with any number of receivers that hang leaves places and seats to the others', async (t) => {
  const turnstile = createTurnstile(limits);
  const hanging = Array.from({ length: 100 }, (_, index) => turnstile.enter(`hangs-${index}`, 'greedy'));
  const places = [];
  for (const one of hanging) {
    const admission = await now(one);
    if (admission !== 'waits' && admission !== 'closed' && 'place' in admission) places.push(admission.place);
  }
  t.equal(places.length, 6);
  const modest = [turnstile.enter('fine', 'modest'), turnstile.enter('fine', 'modest')] as const;
  for (const one of modest) t.equal(await now(one), 'waits', 'a seat, though all were taken');
  places[0]?.leave(false);
  const first = placeOf(await now(modest[0]));
  const third = turnstile.enter('fine', 'modest');
  first.leave(true);
  placeOf(await now(modest[1])).leave(true);
  placeOf(await now(third)).leave(true);
  t.equal(turnstile.taken(), 6, 'what it leaves is taken by who waits');
});

t.test('those that do not answer have half of the places together', async (t) => {
  const turnstile = createTurnstile(limits);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) placeOf(await now(turnstile.enter(name, name))).leave(false);
  const again = names.map((name) => turnstile.enter(name, name));
  const places = await Promise.all(again.slice(0, 3).map(async (one) => placeOf(await now(one))));
  t.equal(await now(again[3] as Promise<Admission>), 'waits');
  placeOf(await now(turnstile.enter('e', 'e')));
  t.equal(turnstile.taken(), 4);
  places[0]?.leave(false);
  placeOf(await now(again[3] as Promise<Admission>));
});
