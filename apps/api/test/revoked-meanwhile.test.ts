import t from 'tap';
import type { TokenVerifier } from '../src/auth/token-verifier.ts';
import type { Deps } from '../src/deps.ts';
import type { EventPage } from '../src/schemas/event.ts';
import type { Job } from '../src/schemas/job.ts';
import { startApi } from './app.ts';
import { accept, call, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { ROOMY, said } from './people.ts';

/** Counts those who wait. */
function watchWaits(finished: Deps['finished']) {
  let count = 0;
  const watched: Deps['finished'] = Object.create(finished, {
    wait: {
      value: (...asked: Parameters<Deps['finished']['wait']>) => {
        count += 1;
        return finished.wait(...asked);
      },
    },
  });
  return { watched, count: () => count };
}

t.test('whoever waits is told nothing any more once the key is revoked', async (t) => {
  const waits = { count: () => 0 };
  const api = await startApi({
    swap: ({ finished }) => {
      const { watched, count } = watchWaits(finished);
      waits.count = count;
      return { finished: watched };
    },
  });
  const job = await accept(api);
  const sent = upload(api, undefined, { headers: { prefer: 'wait=30' } });
  await eventually(waits.count, (count) => count >= 1);
  const { nextCursor } = (await call(api, '/v1/events?after=now')).json<EventPage>();
  const before = waits.count();
  const polls = [call(api, `${job.links.self}?wait=30`), call(api, `/v1/events?after=${nextCursor}&wait=30`)];
  // The upload looks again now and then.
  await eventually(waits.count, (count) => count >= before + 4);
  await api.rows('UPDATE api_keys SET revoked_at = now()');
  for (const { id } of await api.rows<{ id: string }>('SELECT id FROM jobs'))
    await api.database.jobs.cancel(api.tenantId, id);
  const [polled, fed] = await Promise.all(polls);
  t.equal(polled && said(polled), '401 UNAUTHENTICATED', 'of a job');
  t.equal(fed && said(fed), '401 UNAUTHENTICATED', 'of events');
  const accepted = await sent;
  t.equal(accepted.status, 202, 'what was sent is accepted');
  t.equal(accepted.json<Job>().status, 'queued', 'and nothing is told of its end');
});

t.test('a stream ends with the account, though its token may make another', async (t) => {
  const verify: TokenVerifier['verify'] = async () => ({
    ...{ subject: 'ada', issuer: 'https://issuer.example', email: null, name: null, isAdmin: false },
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  const api = await startApi({ env: ROOMY, swap: () => ({ tokens: { verify } }) });
  const headers = { authorization: 'Bearer ada' };
  const job = (await upload(api, undefined, { key: null, headers })).json<Job>();
  const stream = await fetch(`${api.origin}${job.links.self}/events`, { headers });
  t.equal(stream.status, 200);
  const ended = stream.text();
  await call(api, '/v1/users/me', {
    ...{ method: 'DELETE', key: null, body: '{"confirm": "delete"}' },
    headers: { ...headers, 'content-type': 'application/json' },
  });
  t.match(await ended, 'event: status', 'it was open');
  const events = await call(api, job.links.self, { key: null, headers });
  t.equal(said(events), '404 JOB_NOT_FOUND');
});
