// npm run test:access: the real service, called on every route by everybody; and what is promised about access beside.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PRINCIPALS } from './expectations.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { atMost, listing, matrixTable, proofLine } from './report.ts';
import { type Service, startService } from './service.ts';
import { type Outcome, tryAll } from './try-all.ts';

/** All of them are in the file of --json. */
const MOST_LINES = 100;

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function run(service: Service, { list, only, json }: Options): Promise<boolean> {
  if (list) {
    say(listing(service.table.routes));
    return true;
  }
  const outcome = await tryAll(service, only, {
    matrix: (routes, result) => say(`${matrixTable(routes, result)}\n`),
    proof: (result) => say(proofLine(result)),
  });
  if (json !== undefined) await writeFile(json, `${JSON.stringify(outcome, null, 2)}\n`);
  return conclude(outcome);
}

function conclude({ routes, matrix, unexpected, proofs, seconds }: Outcome): boolean {
  const failed = proofs.filter(({ failures }) => failures.length > 0).length;
  for (const one of atMost(unexpected, MOST_LINES)) say(`unexpected: ${one}`);
  say(
    `${routes.length} routes × ${PRINCIPALS.length} principals: ${matrix.cells.length} cells, unexpected: ${unexpected.length}; ` +
      `${proofs.length} proofs, failed: ${failed} (${seconds.toFixed(0)} s)`,
  );
  return unexpected.length === 0 && failed === 0;
}

async function main(options: Options): Promise<number> {
  if (options.help) {
    say(HELP);
    return 0;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-access-'));
  let isWell = false;
  try {
    const service = await startService(folder);
    try {
      isWell = await run(service, options);
    } finally {
      await service.close();
    }
  } finally {
    if (isWell && !options.keep) await rm(folder, { recursive: true, force: true });
    else say(`logs: ${folder}`);
  }
  return isWell ? 0 : 1;
}

/** What is asked for, or the sentence that says why it can't be. */
function readCommand(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

main(readCommand()).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
