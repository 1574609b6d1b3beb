import t from 'tap';
import { makeParts } from './app.ts';
import { startProcess } from './process.ts';

const parts = await makeParts();
t.teardown(parts.remove);

t.test('passwords, sessions and keys are neither logged nor kept as they are', async (t) => {
  const { port, child, said } = await startProcess({
    ...parts.env,
    LOG_LEVEL: 'trace',
    KEY_CACHE_MS: '0',
    DEFAULT_PLAN: 'unlimited',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const secrets = new Map<string, string>();
  const send = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const [, token] = /=([\w-]{43});/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
    const text = await answer.text();
    if (token !== undefined) secrets.set(`the session of ${method} ${path}`, token);
    return { status: answer.status, text, cookie: `__Host-tintype=${token}` };
  };
  const password = 'canary-password-one';
  const next = 'canary-password-two';
  const wrong = 'canary-password-wrong';
  const email = 'canary@example.com';
  for (const one of [password, next, wrong]) secrets.set(one, one);

  const { cookie } = await send('POST', '/v1/users', { email, password });
  t.equal((await send('POST', '/v1/sessions', { email, password: wrong })).status, 401);
  t.equal((await send('POST', '/v1/sessions', { email, password })).status, 201);
  t.equal((await send('POST', '/v1/users', { email: 'x@y', password: wrong, more: wrong })).status, 400);
  const change = { currentPassword: password, newPassword: next };
  t.equal((await send('PUT', '/v1/users/me/password', change, { cookie })).status, 204);
  const made = JSON.parse((await send('POST', '/v1/api-keys', { name: 'x' }, { cookie })).text);
  const rotated = JSON.parse((await send('POST', `${made.links.self}/rotate`, undefined, { cookie })).text);
  for (const { key } of [made, rotated]) {
    secrets.set(`the key ${key}`, key.slice(16));
    t.equal((await send('GET', '/v1/jobs', undefined, { 'x-api-key': key })).status, 200);
    t.equal((await send('GET', '/v1/jobs', undefined, { authorization: `Bearer ${key}` })).status, 200);
    t.equal((await send('GET', `/v1/${key}`, undefined)).status, 404);
  }
  const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.canary-token';
  secrets.set('a bearer token', 'canary-token');
  t.equal((await send('GET', '/v1/jobs', undefined, { authorization: `Bearer ${token}` })).status, 401);
  await parts.rows('ALTER TABLE sessions RENAME TO no_sessions');
  t.equal(
    (await send('GET', '/v1/jobs', undefined, { cookie })).status,
    500,
    'an error is logged as a whole',
  );
  await parts.rows('ALTER TABLE no_sessions RENAME TO sessions');

  child.kill('SIGTERM');
  await ended;
  t.match(said(), '"route":"/v1/api-keys/:id/rotate"');
  t.match(said(), '"level":50', 'and the error is there');
  t.equal(secrets.size, 8);
  const tables = await parts.rows<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const dump = await Promise.all(
    tables.map(({ name }) => parts.rows<{ text: string }>(`SELECT "${name}"::text AS text FROM "${name}"`)),
  );
  const kept = dump
    .flat()
    .map(({ text }) => text)
    .join('\n');
  t.match(kept, email, 'the rows are there');
  for (const [what, secret] of secrets) {
    t.notOk(said().includes(secret), `${what} in the log`);
    t.notOk(kept.includes(secret), `${what} in the database`);
    t.notOk(kept.includes(Buffer.from(secret).toString('hex')), `${what} in the database, in hexadecimal`);
  }
});
