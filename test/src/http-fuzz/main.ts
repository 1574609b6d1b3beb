// npm run test:fuzz: hostile requests to every operation of the real service, as its own OpenAPI document describes them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { openAccounts } from '../access/accounts.ts';
import { createChecker } from './check-answer.ts';
import { type Document, type Operation, readDocument } from './document.ts';
import { errorsIn } from './log-errors.ts';
import { HELP, type Options, readOptions, UsageError } from './options.ts';
import { makePictures } from './pictures.ts';
import { LIMITED_PLAN, openPrincipals, UNLIMITED_PLAN } from './principals.ts';
import { probe } from './probe.ts';
import { codesOf, describe, neverGood, table, totalOf } from './report.ts';
import { createResources } from './resources.ts';
import { run, type Tally } from './run.ts';
import { seed } from './seed.ts';
import { openSender } from './send.ts';
import { type Service, startService } from './service.ts';

/** In a quiet run the service has no reason to be busy. */
const MOST_BUSY_SHARE = 0.001;
/** From the half of the run to its end: caches are full by then, and what still grows is kept. */
const MOST_GROWTH_BYTES = 150_000_000;

const MOST_LOGGED_ERRORS = 10;

/** Where there is no operation, every request must be answered alike. */
const NOWHERE: Operation = {
  ...{
    id: '(no operation)',
    method: 'POST',
    path: '/v1/nothing/{id}',
    parameters: [],
    answers: {},
    isPublic: true,
  },
  bodies: { 'application/json': {} },
  scope: undefined,
};

const say = (text: string) => void process.stdout.write(`${text}\n`);

interface Result {
  tally: Tally;
  /** What is wrong beside the findings. */
  complaints: string[];
  seconds: number;
}

async function fuzz(service: Service, options: Options): Promise<Result> {
  const { address, adminKey } = service;
  const [document, pictures, ownerKey, accounts] = await Promise.all([
    readLive(address),
    makePictures(),
    service.keyOf('fuzz'),
    openAccounts(service.databaseUrl),
  ]);
  const principals = await openPrincipals({ accounts, adminKey, ownerKey });
  const resources = createResources(document, new Set([LIMITED_PLAN, UNLIMITED_PLAN]));
  const worker = await service.startWorker();
  const people = await Promise.all((['owner', 'other', 'person'] as const).map((who) => principals.of(who)));
  await seed({ address, document, resources, people });
  await worker.stop();
  resources.keep();

  const sender = openSender(address, { connections: options.atOnce });
  const checker = createChecker(document);
  const ground = { principals, resources, sender, checker };
  const operations = chosen([...document.operations, NOWHERE], options);
  let halfBytes = 0;
  const begunAt = performance.now();
  try {
    const tally = await run({
      ...options,
      ...{ document, pictures, operations },
      probe: (attempt) => probe(attempt, ground),
      atHalf: async () => {
        halfBytes = await service.residentBytes();
      },
    });
    const seconds = (performance.now() - begunAt) / 1000;
    return { tally, seconds, complaints: await complaintsOf(service, { tally, halfBytes }) };
  } finally {
    await sender.close();
    await accounts.close();
  }
}

async function complaintsOf(
  service: Service,
  { tally, halfBytes }: { tally: Tally; halfBytes: number },
): Promise<string[]> {
  const { crashes } = service.api;
  const endBytes = crashes().length > 0 ? Number.NaN : await service.residentBytes();
  const busy = totalOf(tally, '503');
  const errors = errorsIn(await readFile(service.logFile, 'utf8'));
  say(`resident memory: ${megabytes(halfBytes)} at half, ${megabytes(endBytes)} at the end`);
  return [
    ...crashes(),
    ...(busy > tally.requests * MOST_BUSY_SHARE ? [`answered 503 ${busy} times`] : []),
    ...(endBytes - halfBytes > MOST_GROWTH_BYTES ? ['the process grows'] : []),
    ...errors.slice(0, MOST_LOGGED_ERRORS).map((error) => `logged as an error: ${error}`),
  ];
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

async function readLive(address: string): Promise<Document> {
  const { body } = await request(`${address}/openapi.json`);
  return readDocument((await body.json()) as object);
}

/** @throws UsageError that names what there is */
function chosen(operations: Operation[], { operations: wanted }: Options): Operation[] {
  const unknown = wanted?.find((id) => !operations.some((operation) => operation.id === id));
  if (unknown !== undefined)
    throw new UsageError(`There is no operation ${unknown}: ${operations.map(({ id }) => id).join(', ')}.`);
  return wanted === undefined ? operations : operations.filter(({ id }) => wanted.includes(id));
}

function report(
  { tally, complaints, seconds }: Result,
  options: Options,
  { address, folder }: { address: string; folder: string },
): void {
  const { findings, requests } = tally;
  say(`\n${table(tally)}\n`);
  say(`problems: ${codesOf(tally)}\n`);
  const never = neverGood(tally).filter((id) => id !== NOWHERE.id);
  if (never.length > 0) say(`note: never answered 2xx: ${never.join(', ')}`);
  const about = { address, folder, seed: options.seed, requests: options.requests };
  for (const [at, finding] of findings.entries()) say(describe(finding, at + 1, about));
  for (const complaint of complaints) say(complaint);
  const well = findings.length + complaints.length === 0;
  say(
    `${well ? 'all well' : 'NOT WELL'}: ${requests} requests in ${seconds.toFixed(0)} s, ${findings.length} findings, seed ${options.seed}`,
  );
}

async function main(): Promise<void> {
  const options = readCommand();
  if (options.help) return say(HELP);
  say(`${options.requests} requests, seed ${options.seed}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-http-fuzz-'));
  const service = await startService(folder);
  let well = false;
  try {
    const result = await fuzz(service, options);
    report(result, options, { address: service.address, folder });
    well = result.tally.findings.length + result.complaints.length === 0;
    process.exitCode = well ? 0 : 1;
  } finally {
    await service.stop();
    if (well && !options.keep) await rm(folder, { recursive: true, force: true });
    else say(`logs: ${folder}`);
  }
}

function readCommand(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
main().catch((error: Error) => {
  process.stderr.write(`${error instanceof UsageError ? error.message : error.stack}\n`);
  process.exit(1);
});
