// npm run test:compose: the whole stack of docker-compose.yml on a real Docker engine, used, broken, saved and restored.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClosing } from '../service/closing.ts';
import { type Checks, conclusion, createChecks, figureTable } from './checks.ts';
import { type Engine, findEngine, NoEngineError } from './engine.ts';
import { HELP, isDockerRequired, type Options, readOptions } from './options.ts';
import { startOwnEngine } from './own-engine.ts';
import { playAll } from './play-all.ts';
import { inSeconds } from './proof.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);
const ending = new AbortController();

/** Undefined: there is none, and that is no failure. @throws NoEngineError */
async function obtainEngine(options: Options, folder: string): Promise<Engine | undefined> {
  try {
    // Sockets lie in its folder, and their paths must be short.
    if (options.ownEngine) return await startOwnEngine(path.join(options.cache ?? folder, 'engine'), say);
    return await findEngine(process.env);
  } catch (error) {
    if (!(error instanceof NoEngineError) || isDockerRequired(process.env)) throw error;
    say(
      `test:compose: nothing was tried, ${error.message}: install Docker, or use --own-engine on Debian as root.`,
    );
    return undefined;
  }
}

async function report(checks: Checks, options: Options, seconds: number): Promise<void> {
  const figures = [...checks.figures(), { figure: 'all of it', value: inSeconds(seconds * 1000) }];
  say(`\n${figureTable(figures)}\n`);
  for (const says of checks.failed()) say(`failed: ${says}`);
  if (options.json !== undefined) {
    const results = { passed: checks.passed(), failed: checks.failed(), figures };
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
  say(conclusion(checks));
}

async function main(options: Options): Promise<number> {
  const begunAt = performance.now();
  const closing = createClosing();
  try {
    const folder = await closing.opened(mkdtemp(path.join(tmpdir(), 'tintype-compose-')), (made) =>
      options.keep ? Promise.resolve() : rm(made, { recursive: true, force: true }),
    );
    const engine = await obtainEngine(options, folder);
    if (engine === undefined) return 0;
    closing.first(() => engine.stop());
    say(engine.says);
    const checks = createChecks(say, ending.signal);
    await playAll(options, { engine, folder, checks, closing, say, signal: ending.signal });
    await report(checks, options, (performance.now() - begunAt) / 1000);
    return checks.failed().length === 0 ? 0 : 1;
  } finally {
    await closing.close();
  }
}

function command(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

/** All is removed before we go; whoever asks twice is believed. */
function endBy(signal: NodeJS.Signals, code: number): void {
  process.on(signal, () => {
    if (ending.signal.aborted) process.exit(code);
    say(`\n${signal}: removing what was started; once more to leave it behind`);
    process.exitCode = code;
    ending.abort(new Error(signal));
  });
}

const options = command();
if (options.help) say(HELP);
else {
  endBy('SIGINT', 130);
  endBy('SIGTERM', 143);
  main(options).then(
    (code) => process.exit(code),
    (error: Error) => {
      process.stderr.write(`test:compose: ${error.message}\n`);
      process.exit(process.exitCode ?? 1);
    },
  );
}
