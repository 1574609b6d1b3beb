// Delivery by URL: a cached render against nginx with the same bytes in a file, and renders that were never asked for against bare sharp.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { RenderReport } from '../bare-render.ts';
import { startScript } from '../child.ts';
import { cpuMs } from '../cpu.ts';
import type { Bench, Figures } from '../figures.ts';
import { makePhotographs } from '../images.ts';
import type { GetOrder } from '../load-order.ts';
import { uploadPart } from '../load-order.ts';
import { encodeUpload, multipartType, stampUpload } from '../multipart.ts';
import { startNginx } from '../nginx.ts';
import type { Stack } from '../stack.ts';
import { makeFolder } from '../workspace.ts';

/** As wide as a picture that fills a page, and as one of many in a list. The goal is about the first. */
const CACHED_WIDTHS = { cached: 1600, cachedSmall: 320 } as const;
type CachedName = keyof typeof CACHED_WIDTHS;
const QUALITY = 80;
const FIRST_WIDTH = 400;
const PHOTOGRAPHS = 4;
/** Requests at once for what must be made: a few a processor, as a page's pictures come. */
const RENDERS_AT_ONCE = 2 * availableParallelism();

interface Picture {
  readonly id: string;
  readonly file: string;
}

interface Loaded {
  readonly perSecond: number;
  readonly cpuMsEach: number;
  readonly p50Ms: number;
}

type Target = Pick<GetOrder, 'origin' | 'headers' | 'paths'> & { readonly roots: readonly number[] };

async function upload(stack: Stack, file: string): Promise<Picture> {
  const body = stampUpload(encodeUpload(await readFile(file), uploadPart, 'photograph.jpg'));
  const headers = { ...stack.headers, 'content-type': multipartType, prefer: 'wait=30' };
  const answer = await request(stack.uploadUrl, { method: 'POST', headers, body });
  const job = (await answer.body.json()) as { imageId?: string; status?: string };
  if (answer.statusCode !== 200 || job.imageId === undefined)
    throw new Error(`the picture was not taken in: ${answer.statusCode} ${JSON.stringify(job)}`);
  return { id: job.imageId, file };
}

/** The same load twice: the first is not counted. */
async function measure(
  { roots, ...target }: Target,
  { count, warmUp, concurrency }: { count: number; warmUp: number; concurrency: number },
  { load }: Bench,
): Promise<Loaded> {
  await load.get({ ...target, paths: target.paths.slice(0, warmUp), count: warmUp, concurrency });
  const paths = target.paths.length > 1 ? target.paths.slice(warmUp) : target.paths;
  const before = cpuMs(roots);
  const report = await load.get({ ...target, paths, count, concurrency });
  return {
    perSecond: (report.accepted * 1000) / (report.finishedAtMs - report.startedAtMs),
    cpuMsEach: (cpuMs(roots) - before) / report.accepted,
    p50Ms: report.p50Ms,
  };
}

interface Cached {
  readonly name: CachedName;
  readonly picture: Picture;
  readonly nginx: string;
}

async function measureCached(stack: Stack, { name, picture, nginx }: Cached, bench: Bench): Promise<Figures> {
  const { cachedRequests: count, cachedWarmUp: warmUp } = bench.sizes;
  const { origin } = new URL(stack.uploadUrl);
  const path = `/v1/images/${picture.id}/render?width=${CACHED_WIDTHS[name]}&format=jpeg&quality=${QUALITY}`;
  const made = await request(`${origin}${path}`, { headers: stack.headers });
  if (made.statusCode !== 200) throw new Error(`render: ${made.statusCode} ${await made.body.text()}`);
  const bytes = Buffer.from(await made.body.arrayBuffer());
  const files = await makeFolder(bench.workspace, 'files');
  await writeFile(join(files.path, 'picture'), bytes);
  const order = { count, warmUp, concurrency: bench.concurrency };
  const roots = Object.values(stack.processes());
  const ours = await measure({ origin, paths: [path], headers: stack.headers, roots }, order, bench);
  const server = await startNginx(nginx, {
    workspace: bench.workspace,
    files: files.path,
    probe: '/picture',
  });
  const target = { origin: server.origin, paths: ['/picture'], headers: {}, roots: [server.pid] };
  const theirs = await measure(target, order, bench);
  await server.stop();
  await files.remove();
  return {
    [`${name}PerSecond`]: ours.perSecond,
    [`${name}CpuMs`]: ours.cpuMsEach,
    [`${name}P50Ms`]: ours.p50Ms,
    [`${name}NginxPerSecond`]: theirs.perSecond,
    [`${name}NginxCpuMs`]: theirs.cpuMsEach,
    [`${name}Bytes`]: bytes.length,
  };
}

async function measureRenders(stack: Stack, pictures: readonly Picture[], bench: Bench): Promise<Figures> {
  const { renders: count, renderWarmUp: warmUp } = bench.sizes;
  const wanted = Array.from({ length: warmUp + count }, (_, nth) => ({
    picture: pictures[nth % pictures.length] as Picture,
    width: FIRST_WIDTH + nth,
  }));
  const paths = wanted.map(
    ({ picture, width }) => `/v1/images/${picture.id}/render?width=${width}&format=jpeg&quality=${QUALITY}`,
  );
  const { origin } = new URL(stack.uploadUrl);
  const roots = Object.values(stack.processes());
  const target = { origin, paths, headers: stack.headers, roots };
  const ours = await measure(target, { count, warmUp, concurrency: RENDERS_AT_ONCE }, bench);
  const renders = wanted.map(({ picture, width }) => ({ file: picture.file, width }));
  const bare = startScript('bare-render');
  const rest = { quality: QUALITY, concurrency: RENDERS_AT_ONCE };
  await bare.ask<RenderReport>({ renders: renders.slice(0, warmUp), ...rest });
  const before = cpuMs([bare.pid]);
  const { seconds } = await bare.ask<RenderReport>({ renders: renders.slice(warmUp), ...rest });
  const bareCpuMs = (cpuMs([bare.pid]) - before) / count;
  await bare.stop();
  return {
    rendersPerSecond: ours.perSecond,
    renderCpuMs: ours.cpuMsEach,
    renderP50Ms: ours.p50Ms,
    bareRendersPerSecond: count / seconds,
    bareRenderCpuMs: bareCpuMs,
  };
}

/** The worker must be running. */
export async function measureDelivery(stack: Stack, bench: Bench, nginx: string): Promise<Figures> {
  const pictures: Picture[] = [];
  for (const file of await makePhotographs(bench.workspace, PHOTOGRAPHS))
    pictures.push(await upload(stack, file));
  const [first] = pictures;
  if (first === undefined) return {};
  const cached = await measureCached(stack, { name: 'cached', picture: first, nginx }, bench);
  const small = await measureCached(stack, { name: 'cachedSmall', picture: first, nginx }, bench);
  return { ...cached, ...small, ...(await measureRenders(stack, pictures, bench)) };
}
