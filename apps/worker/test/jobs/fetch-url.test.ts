import { createSlots } from '@tintype/core';
import t from 'tap';
import { createProcessImage } from '../../src/jobs/process-image.ts';
import { keepLeases } from '../../src/leases.ts';
import {
  findDeadEnd,
  JPEG,
  LARGE_PNG,
  MAX_FETCH_BYTES,
  startImageServer,
  startOtherServer,
} from '../fetch/image-server.ts';
import { createSurroundings, eventually, makeOne } from '../worker-setup.ts';

const MAX_ATTEMPTS = 2;
const surroundings = await createSurroundings({
  OUTGOING_ALLOW: '127.0.0.0/8',
  MAX_FETCH_BYTES: String(MAX_FETCH_BYTES),
  MAX_ATTEMPTS: String(MAX_ATTEMPTS),
});
const { config, deps, tenantId, acceptUrl, objectKeys } = surroundings;
const leases = keepLeases({ heartbeat: deps.db.work.heartbeat, log: deps.log }, config.leaseMs);
t.teardown(() => leases.giveBack(async () => undefined));
const stopping = new AbortController().signal;
const processImage = createProcessImage({ worker: 'tester', config, leases, makeOne, stopping }, deps);
const hasty = createProcessImage(
  { worker: 'tester', config: { ...config, fetchTimeoutMs: 1000 }, leases, makeOne, stopping },
  deps,
);
const server = await startImageServer();

async function read(id: string) {
  const job = await deps.db.jobs.get(tenantId, id);
  if (job === undefined) throw new Error('no such job');
  return job;
}

async function runToEnd(id: string, run = processImage) {
  await eventually(async () => {
    await run({ id, generation: 0 });
    return (await read(id)).finishedAt !== null;
  });
  return read(id);
}

/** What a path of the server, or a whole URL, makes of a job. */
interface Case {
  from: string;
  /** Missing: the job completes. */
  code?: string;
  attempt?: number;
  image?: object;
}

const passing = (code: string) => ({ code, attempt: MAX_ATTEMPTS });

const CASES: Case[] = [
  {
    from: '/plate.jpg',
    image: {
      bytes: BigInt(JPEG.length),
      format: 'jpeg',
      fileName: 'plate.jpg',
      declaredMimeType: 'image/jpeg',
      width: 64,
      height: 48,
    },
  },
  { from: '/large.png', image: { bytes: BigInt(LARGE_PNG.length), format: 'png', fileName: 'large.png' } },
  { from: '/chunked.png', image: { bytes: BigInt(LARGE_PNG.length), declaredMimeType: null } },
  { from: '/jpeg-as-html', image: { format: 'jpeg', declaredMimeType: 'text/html' } },
  { from: '/named', image: { fileName: 'plate.jpg' } },
  { from: '/html-as-jpeg', code: 'NOT_AN_IMAGE' },
  { from: '/empty', code: 'EMPTY_FILE' },
  { from: '/no-content', code: 'EMPTY_FILE' },
  { from: '/too-large', code: 'IMAGE_TOO_LARGE' },
  { from: '/too-large-chunked', code: 'IMAGE_TOO_LARGE' },
  { from: '/says-it-is-large', code: 'IMAGE_TOO_LARGE' },
  { from: '/no-headers', ...passing('URL_TIMEOUT') },
  { from: '/no-body', ...passing('URL_TIMEOUT') },
  { from: '/stalls', ...passing('URL_TIMEOUT') },
  { from: '/drips', ...passing('URL_TIMEOUT') },
  { from: '/breaks-off', ...passing('URL_SERVER_ERROR') },
  { from: '/breaks-off-late', ...passing('URL_SERVER_ERROR') },
  { from: '/breaks-off-once.jpg', attempt: 2 },
  { from: '/breaks-off-late-once.png', attempt: 2, image: { bytes: BigInt(LARGE_PNG.length) } },
  { from: '/hangs-up', ...passing('URL_UNREACHABLE') },
  { from: await findDeadEnd(), ...passing('URL_UNREACHABLE') },
  { from: await startOtherServer(), ...passing('URL_SERVER_ERROR') },
  { from: '/redirect-1', image: { fileName: 'plate.jpg' } },
  { from: '/redirect-3' },
  { from: '/redirect-4', code: 'URL_TOO_MANY_REDIRECTS' },
  { from: '/loop', code: 'URL_TOO_MANY_REDIRECTS' },
  { from: '/to-private', code: 'URL_NOT_ALLOWED' },
  { from: '/to-metadata', code: 'URL_NOT_ALLOWED' },
  { from: '/to-ipv6', code: 'URL_NOT_ALLOWED' },
  { from: '/to-file', code: 'URL_NOT_ALLOWED' },
  { from: '/to-user', code: 'URL_NOT_ALLOWED' },
  { from: '/to-nowhere', code: 'URL_REFUSED' },
  { from: '/to-nothing', code: 'URL_REFUSED' },
  { from: 'http://10.0.0.1/', code: 'URL_NOT_ALLOWED' },
  { from: 'http://[::ffff:127.0.0.1]/', code: 'URL_NOT_ALLOWED' },
  ...['/gzip', '/x-gzip', '/deflate', '/br'].map((from) => ({ from, image: { bytes: BigInt(JPEG.length) } })),
  { from: '/gzip-bomb', code: 'IMAGE_TOO_LARGE' },
  { from: '/gzip-broken', ...passing('URL_SERVER_ERROR') },
  { from: '/unknown-encoding', code: 'NOT_AN_IMAGE' },
  ...['/404', '/410'].map((from) => ({ from, code: 'URL_NOT_FOUND' })),
  ...['/206', '/300', '/304', '/400', '/401', '/403', '/418', '/451'].map((from) => ({
    from,
    code: 'URL_REFUSED',
  })),
  ...['/408', '/425', '/429', '/500', '/502', '/503', '/504'].map((from) => ({
    from,
    ...passing('URL_SERVER_ERROR'),
  })),
];

const slots = createSlots(8);
const jobs = new Map(
  await Promise.all(
    CASES.map(({ from, code }) =>
      slots.run(async () => {
        const id = await acceptUrl(from.startsWith('/') ? server.origin + from : from);
        return [from, await runToEnd(id, code === 'URL_TIMEOUT' ? hasty : processImage)] as const;
      }),
    ),
  ),
);

for (const { from, code, attempt = 1, image = {} } of CASES) {
  t.test(`${from} ${code ?? 'completes'}`, async (t) => {
    const job = jobs.get(from);
    const stored = (await objectKeys()).filter((key) => key.includes(job?.imageId ?? ''));
    const status = code === undefined ? 'completed' : 'failed';
    t.match(job, { status, errorCode: code ?? null, attempt, image });
    if (code === undefined) {
      t.same(stored, [job?.image.objectKey], 'the object of the attempt that succeeded');
      t.match(job?.image.objectKey, new RegExp(`^${tenantId}/original/${job?.imageId}-${attempt}$`));
      t.ok(Number(job?.fetchMs) > 0);
    } else {
      t.match(job?.image, { bytes: null, sha256: null, format: null });
      t.same(stored, [], 'nothing is left');
    }
  });
}

t.test('no row of an upload is left, and no connection', async (t) => {
  const left: string[] = [];
  await deps.db.sweep.abandonedUploads({
    olderThanMs: 0,
    limit: 1000,
    remove: async (key) => void left.push(key),
  });
  t.same(left, []);
  await deps.fetchAgent.close();
  await eventually(async () => server.connections() === 0);
});
