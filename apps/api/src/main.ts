#!/usr/bin/env node
// The API's process: environment → deps → app → listen → close with grace.
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, createLogger, type Logger } from '@tintype/core';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { type ApiConfig, readConfig } from './config.ts';
import { type Deps, openDeps } from './deps.ts';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger({ name: 'api', level: config.logLevel });
  const deps = await openDeps(config, log);
  const { app, drain } = await buildApp({ config, deps, log });
  await tellMissingPlan(config, deps, log);

  const { close } = closeWithGrace({ delay: config.drainTimeoutMs, logger: log }, async ({ err, signal }) => {
    if (err !== undefined) {
      log.fatal({ err }, 'stopping after an unexpected error');
      drain.refuse();
    } else {
      log.info({ signal }, 'stopping');
      drain.begin();
    }
    await sleep(config.drainDelayMs);
    await app.close();
    await deps.close();
  });
  // Whoever started us as a child is gone: so are we.
  process.once('disconnect', () => void close());

  await app.listen({ host: config.host, port: config.port });
  process.send?.({ ready: true, address: app.addresses()[0] });
}

/** Nobody can register then. Not a reason to stop: images come in all the same, and a database that is away may have it. */
async function tellMissingPlan(
  { defaultPlan }: ApiConfig,
  { db }: Pick<Deps, 'db'>,
  log: Logger,
): Promise<void> {
  const plan = await db.plans.get(defaultPlan).catch(() => null);
  if (plan !== undefined) return;
  log.error({ defaultPlan }, 'DEFAULT_PLAN names no plan: make it by "tintype plans set", or choose another');
}

main().catch((error: NodeJS.ErrnoException) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
});

function explain(error: NodeJS.ErrnoException & { port?: number }): string {
  if (error instanceof ConfigError) return error.message;
  if (error.code === 'EADDRINUSE')
    return `PORT ${error.port} is in use: stop what listens there, or choose another.`;
  if (error.code === 'EACCES') return `PORT ${error.port} may not be listened on by this user.`;
  if (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
    return `HOST can not be listened on (${error.code}): choose another.`;
  return error.stack ?? String(error);
}
