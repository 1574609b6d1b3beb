// npm start: the whole service on this machine – PostgreSQL, api and worker – with nothing to install first.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { apiKeyFor } from './api-key.ts';
import { startDatabase } from './database.ts';
import { claimFolder } from './folder-claim.ts';
import { DATA_FOLDER, EXAMPLE_IMAGE } from './folders.ts';
import { refuseTakenPort } from './port.ts';
import { type AppProcess, migrateAll, startApp } from './processes.ts';
import { printWelcome } from './welcome.ts';

const HELP = `npm start – Tintype on this machine

  npm start                  start; data is kept in .tintype/
  npm start -- --fresh       forget everything first
  npm start -- --port 4000   listen there (default: PORT, or 3000)

Ctrl-C stops it.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fresh: { type: 'boolean', default: false },
      port: { type: 'string', default: process.env.PORT ?? '3000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port must be a number from 1 to 65535, not "${values.port}".`);

  await refuseTakenPort(port);
  const releaseFolder = claimFolder();
  if (values.fresh && existsSync(DATA_FOLDER)) rmSync(DATA_FOLDER, { recursive: true, force: true });
  mkdirSync(DATA_FOLDER, { recursive: true });

  const stops: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      for (const one of stops.reverse()) await one().catch((error: Error) => say(error.message));
      releaseFolder();
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping === undefined) say('stopping …');
      void stop().then(() => process.exit(0));
    });
  }

  try {
    const database = await startDatabase();
    stops.push(database.stop);
    await migrateAll(database.url);
    const key = await apiKeyFor(database.url);
    const apps = await Promise.all([
      startApp('api', { databaseUrl: database.url, port }),
      startApp('worker', { databaseUrl: database.url, port }),
    ]);
    stops.push(async () => void (await Promise.all(apps.map((app) => app.stop()))));
    for (const app of apps) void endWith(app, () => stopping !== undefined, stop);
    printWelcome({ port, key, image: EXAMPLE_IMAGE });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** When api or worker ends by itself there is no service any more. */
async function endWith(app: AppProcess, isStopping: () => boolean, stop: () => Promise<void>): Promise<void> {
  const reason = await app.ended;
  if (isStopping()) return;
  say(`the ${app.name} ended (${reason}); its log is ${app.logFile}`);
  await stop();
  process.exit(1);
}

function say(text: string): void {
  process.stderr.write(`tintype: ${text}\n`);
}

main().catch((error: Error) => {
  say(error.message);
  process.exit(1);
});
