// What a client sees through nginx: the README's request, the bytes and pictures that come back, limits, and whose address is kept.
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { request } from 'undici';
import { ROOT } from '../../service/root.ts';
import { eventually, expectSame, type Proof } from '../proof.ts';
import { runProgram } from '../run-program.ts';

const EXAMPLE = 'examples/lighthouse.jpg';
const TOO_LARGE_BYTES = 60 * 1024 * 1024;
const FORGED = '203.0.113.7';

interface JobAnswer {
  status: string;
  imageId: string;
  image?: {
    bytes: number;
    format: string;
    width: number;
    height: number;
    sha256: string;
    metadata: Document;
  };
}
interface Document {
  exif?: { make?: string };
  hashes?: { sha256?: string };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

export async function playRequests(proof: Proof): Promise<void> {
  const { check, door } = proof;
  const original = await readFile(path.join(ROOT, EXAMPLE));
  let imageId = '';
  await check('the curl of the README is answered with a completed job', async () => {
    const job = await curlOfReadme(proof);
    expectSame(job.status, 'completed', 'the status');
    imageId = job.imageId;
    const { bytes, format, width, height, metadata } = job.image ?? {};
    expectSame(
      { bytes, format, width, height },
      { bytes: original.length, format: 'jpeg', width: 1600, height: 1066 },
      'the image',
    );
    expectSame(job.image?.sha256, sha256(original), 'the checksum');
    expectSame(metadata?.exif?.make, 'Tintype', 'the camera in the document');
    return `${bytes} bytes`;
  });
  await check('its original comes back byte for byte', async () => {
    const bytes = await getBytes(proof, `/v1/images/${imageId}/original`);
    expectSame(sha256(bytes), sha256(original), 'the checksum');
    return undefined;
  });
  await check('a picture is made of it, in the wanted size and format', async () => {
    const bytes = await getBytes(
      proof,
      `/v1/images/${imageId}/render?width=400&height=400&gravity=attention&format=webp`,
    );
    const { format, width, height } = await sharp(bytes).metadata();
    expectSame([format, width, height], ['webp', 400, 400], 'the picture');
    return `${bytes.length} bytes`;
  });
  await check('a file that is too large is answered 413 with a problem document', () => sendTooLarge(proof));
  await check('what nginx can not read is answered with a problem document', () => sendUnreadable(proof));
  await check('without a key it is 401, also through nginx', async () => {
    const { statusCode, body } = await request(`${door.address}/v1/jobs`, { dispatcher: door.dispatcher });
    await body.dump();
    expectSame(statusCode, 401, 'the status');
    return undefined;
  });
  await check('the address in the request log is the client’s, whatever X-Forwarded-For says', () =>
    askFromKnownAddress(proof),
  );
}

async function curlOfReadme({ door }: Proof): Promise<JobAnswer> {
  const form = ['-F', `image=@${EXAMPLE}`];
  const headers = ['-H', `X-API-Key: ${door.apiKey}`, '-H', 'Prefer: wait=10'];
  const printed = await runProgram(
    'curl',
    ['--silent', '--show-error', ...headers, ...form, `${door.address}/v1/jobs`],
    { cwd: ROOT },
  );
  return JSON.parse(printed) as JobAnswer;
}

async function getBytes({ door }: Proof, target: string): Promise<Buffer> {
  const { statusCode, body } = await request(door.address + target, {
    dispatcher: door.dispatcher,
    headers: { 'x-api-key': door.apiKey },
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  if (statusCode !== 200)
    throw new Error(`GET ${target} answered ${statusCode}: ${bytes.toString().slice(0, 200)}`);
  return bytes;
}

async function sendTooLarge({ door, folder }: Proof): Promise<string> {
  const file = path.join(folder, 'large.jpg');
  const handle = await open(file, 'w');
  await handle.truncate(TOO_LARGE_BYTES);
  await handle.close();
  const print = ['--write-out', '\n%{http_code} %{content_type}'];
  const args = [
    '--silent',
    '--show-error',
    ...print,
    '-H',
    `X-API-Key: ${door.apiKey}`,
    '-F',
    `image=@${file}`,
  ];
  const [body = '', end = ''] = (await runProgram('curl', [...args, `${door.address}/v1/jobs`])).split(
    /\n(?=[^\n]*$)/,
  );
  expectSame(end.split(';')[0], '413 application/problem+json', 'the answer');
  const problem = JSON.parse(body) as { status?: number; code?: string };
  expectSame(problem.status, 413, 'the status in the document');
  return String(problem.code);
}

/** Requests that no api sees, and what nginx says to them. */
const UNREADABLE: readonly (readonly [args: readonly string[], path: string, status: number])[] = [
  [[], '/%zz', 400],
  [['-H', `X-Large: ${'a'.repeat(20_000)}`], '/v1/jobs', 400],
  [[], `/${'a'.repeat(17_000)}`, 414],
  [['-X', 'TRACE'], '/v1/jobs', 405],
];

async function sendUnreadable({ door }: Proof): Promise<undefined> {
  const print = [
    '--silent',
    '--show-error',
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code} %{content_type}',
  ];
  for (const [args, target, status] of UNREADABLE) {
    const said = await runProgram('curl', [...print, ...args, door.address + target]);
    expectSame(said, `${status} application/problem+json`, `the answer to ${target.slice(0, 20)}`);
  }
}

/** Runs in a container beside nginx, which has an address of its own, and tells it. What is refused is logged as well. */
const ASK = `
const [address, key, forged] = process.argv.slice(1);
const own = Object.values(require('node:os').networkInterfaces()).flat().find(({ internal, family }) => !internal && family === 'IPv4').address;
const headers = { 'x-api-key': key, 'content-type': 'application/json', 'x-forwarded-for': forged, 'x-real-ip': forged, forwarded: 'for=' + forged };
fetch(address + '/v1/jobs', { method: 'POST', body: '{}', headers })
  .then((answer) => console.log(JSON.stringify({ own, status: answer.status, requestId: answer.headers.get('x-request-id') })));
`;

async function askFromKnownAddress({ stack, door, signal }: Proof): Promise<string> {
  const network = `${stack.project}_edge`;
  const image = `${stack.variables.TINTYPE_IMAGES}/api:${stack.variables.TINTYPE_VERSION}`;
  const run = ['run', '--rm', '--network', network, '--entrypoint', 'node', image];
  const printed = await stack.docker(...run, '-e', ASK, 'http://nginx:8080', door.apiKey, FORGED);
  const { own, status, requestId } = JSON.parse(printed) as {
    own: string;
    status: number;
    requestId: string;
  };
  expectSame(status, 400, 'the status');
  if (!/^[\w-]+$/.test(requestId)) throw new Error(`X-Request-Id is "${requestId}"`);
  const look = async () => {
    const rows = await stack.sql(`SELECT host(ip) FROM request_logs WHERE request_id = '${requestId}'`);
    expectSame(rows, [[own]], 'the address in the log');
  };
  await eventually(look, { atMostMs: 20_000, signal });
  return `${own}, and not ${FORGED}`;
}
