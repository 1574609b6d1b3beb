import t from 'tap';
import { Client } from 'undici';
import { startApi } from './app.ts';
import { call, problem } from './client.ts';

const api = await startApi();
const dispatcher = new Client(api.origin);
t.teardown(() => dispatcher.destroy());

const id = crypto.randomUUID();
const waits = ['wait=-1', 'wait=abc', 'wait=1.5', 'wait=61', 'wait=', 'wait=1&wait=2'];
const filters = [
  'limit=0',
  'limit=101',
  'limit=x',
  'status=x',
  'cursor=x',
  'createdAfter=x',
  'createdBefore=2020',
];

/** What is answered → which requests. */
const REQUESTS: Record<string, string[]> = {
  '404 JOB_NOT_FOUND': [`GET /v1/jobs/${id}`, `GET /v1/jobs/${id}?wait=60`],
  '404 IMAGE_NOT_FOUND': ['', '/metadata', '/original'].map((rest) => `GET /v1/images/${id}${rest}`),
  '400 INVALID_REQUEST': [
    'GET /v1/jobs/1',
    'GET /v1/jobs/',
    ...['', '/metadata', '/original'].map((rest) => `GET /v1/images/nonsense${rest}`),
    ...waits.map((query) => `GET /v1/jobs/${id}?${query}`),
    ...filters.map((query) => `GET /v1/jobs?${query}`),
  ],
  '404 NOT_FOUND': [
    'GET /',
    'GET /v2/jobs',
    'PUT /v1/jobs',
    'POST /nowhere',
    `DELETE /v1/openapi/${id}`,
    'GET /v1/jobs/%zz',
    `GET /v1/jobs/${'x'.repeat(301)}`,
  ],
};

for (const [expected, requests] of Object.entries(REQUESTS)) {
  t.test(expected, async (t) => {
    for (const one of requests) {
      const [method = '', path = ''] = one.split(' ');
      const answer = await call(api, path, { method: method as 'GET', dispatcher });
      const said = problem(answer);
      t.equal(`${answer.status} ${said.code}`, expected, one);
      t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
      t.equal(said.requestId, answer.headers['x-request-id']);
      if (said.code === 'INVALID_REQUEST') t.ok(said.errors?.[0]?.message, 'says what is wrong');
    }
  });
}

t.test('what is wrong stands in the answer', async (t) => {
  const said = problem(await call(api, '/v1/jobs?limit=0', { dispatcher }));
  t.match(said, {
    detail: 'querystring limit must be >= 1.',
    errors: [{ pointer: '/limit', message: 'must be >= 1' }],
  });
});
