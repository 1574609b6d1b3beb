// The API's description without a running API: the text of docs/openapi.json.
import { createLogger } from '@tintype/core';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import type { Deps } from './deps.ts';

/** Enough for a description: nothing is ever connected to. */
const NOWHERE = {
  DATABASE_URL: 'postgres://nowhere',
  QUEUE_URL: 'redis://nowhere',
  OBJECT_STORE_URL: 'file:///nowhere',
};

export async function describeApi(): Promise<string> {
  const log = createLogger({ name: 'describe', level: 'silent' });
  const { app } = await buildApp({ config: readConfig(NOWHERE), deps: { db: {} } as Deps, log });
  await app.ready();
  return `${JSON.stringify(app.swagger(), null, 2)}\n`;
}
