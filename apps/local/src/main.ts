// npm start: the whole service on this machine – PostgreSQL, api and worker – with nothing to install first.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { accountFor } from './account.ts';
import { startDatabase } from './database.ts';
import { claimFolder } from './folder-claim.ts';
import { DATA_FOLDER } from './folders.ts';
import { refuseTakenPort } from './port.ts';
import { migrateAll, type ServicePart, startApp } from './processes.ts';
import { printWelcome } from './welcome.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      // `npm start --fresh`, without the two dashes that hand it on, ends in npm's own configuration.
      fresh: { type: 'boolean', default: process.env.npm_config_fresh === 'true' },
      port: { type: 'string', default: process.env.PORT ?? '3000' },
    },
  });
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
    const account = await accountFor(database.url);
    const where = { databaseUrl: database.url, port };
    const begun = await Promise.allSettled([startApp('api', where), startApp('worker', where)]);
    const apps = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    stops.push(async () => void (await Promise.all(apps.map((app) => app.stop()))));
    for (const one of begun) if (one.status === 'rejected') throw one.reason;
    for (const part of [database, ...apps]) void endWith(part, () => stopping !== undefined, stop);
    printWelcome({ port, ...account });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** When PostgreSQL, api or worker ends by itself there is no service any more. */
async function endWith(
  part: ServicePart,
  isStopping: () => boolean,
  stop: () => Promise<void>,
): Promise<void> {
  const reason = await part.ended;
  if (isStopping()) return;
  say(`${part.name} ended (${reason}); its log is ${part.logFile}`);
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
