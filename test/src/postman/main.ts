// npm run test:postman: docs/postman_collection.json against a service that `npm start` has just started, from top to bottom.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../service/root.ts';
import { type Item, writtenPath } from './item.ts';
import { readDescription } from './operations.ts';
import { runCollection, type Sent } from './run.ts';
import { startAll } from './service.ts';

const HELP = `npm run test:postman – runs docs/postman_collection.json with newman against a service of its own

  Exit code 1: a request was not answered as docs/openapi.json says, or an operation of it is not in the collection.
`;

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    say(HELP);
    return 0;
  }
  const collection = await readFile(path.join(ROOT, 'docs/postman_collection.json'), 'utf8');
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-postman-'));
  let isWell = false;
  try {
    const service = await startAll(folder);
    const begunAt = performance.now();
    try {
      const sent = await runCollection(collection, { variables: service.variables, workingDir: ROOT });
      const missing = missingIn(collection, await readFile(path.join(ROOT, 'docs/openapi.json'), 'utf8'));
      isWell = conclude(sent, missing, (performance.now() - begunAt) / 1000);
    } finally {
      await service.close();
    }
  } finally {
    if (isWell) await rm(folder, { recursive: true, force: true });
    else say(`logs: ${folder}/data/logs`);
  }
  return isWell ? 0 : 1;
}

/** Operations of the document that the collection has no request for. */
function missingIn(collection: string, openApi: string): string[] {
  const { item: folders } = JSON.parse(collection) as { item: { item: Item[] }[] };
  const requests = folders.flatMap(({ item }) => item.map(({ request }) => request));
  const asked = new Set(requests.map(({ method, url }) => `${method} /${url.path.join('/')}`));
  const operations = readDescription(openApi).operations.map(
    ({ method, path: written }) => `${method} /${writtenPath(written).join('/')}`,
  );
  return operations.filter((one) => !asked.has(one));
}

function conclude(sent: readonly Sent[], missing: readonly string[], seconds: number): boolean {
  let folder = '';
  for (const one of sent) {
    if (one.folder !== folder) say(`\n${one.folder}`);
    folder = one.folder;
    say(
      `  ${one.failures.length === 0 ? '✓' : '✗'} ${one.status ?? '   '} ${one.method} ${one.path}  ${one.name}, ${one.ms} ms`,
    );
    for (const failure of one.failures) say(`      ${failure}`);
  }
  for (const one of missing) say(`\nnot in the collection: ${one}`);
  const failed = sent.filter(({ failures }) => failures.length > 0).length;
  say(
    `\n${sent.length} requests, failed: ${failed}, operations without one: ${missing.length} (${seconds.toFixed(0)} s)`,
  );
  return failed === 0 && missing.length === 0;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
);
