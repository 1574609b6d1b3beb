// The environment that the API needs: every variable with its unit, its default and its sentence.
import { isIP } from 'node:net';
import {
  connectionSettings,
  type Environment,
  integer,
  list,
  readEnvironment,
  type Setting,
  text,
} from '@tintype/core';

export const apiSettings = {
  ...connectionSettings,
  host: text('HOST', { about: 'Address the API listens on.', fallback: '0.0.0.0' }),
  port: integer('PORT', {
    about: 'Port the API listens on; 0 picks a free one.',
    fallback: 3000,
    min: 0,
    max: 65_535,
  }),
  maxUploadBytes: integer('MAX_UPLOAD_BYTES', {
    about:
      'Largest file accepted, in bytes. Over 100 MB raise DECODER_MEMORY_BYTES as well: a decoder holds the file.',
    fallback: 52_428_800,
    min: 1,
    max: 5_000_000_000,
  }),
  requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', {
    about:
      'Longest time a whole request may take to arrive, in milliseconds. Must be under UPLOAD_ABANDONED_MS.',
    fallback: 300_000,
    min: 1000,
    max: 3_600_000,
  }),
  keepAliveMs: integer('KEEP_ALIVE_MS', {
    about:
      'How long an idle connection stays open, in milliseconds: longer than the load balancer keeps its own.',
    fallback: 75_000,
    min: 0,
    max: 3_600_000,
  }),
  maxWaitSeconds: integer('MAX_WAIT_SECONDS', {
    about: 'Longest time a request may wait for a job to finish, in seconds.',
    fallback: 60,
    min: 1,
    max: 3600,
  }),
  trustProxy: networks('TRUST_PROXY', {
    about:
      'Addresses or networks of proxies whose X-Forwarded-For counts, separated by commas: 10.0.0.0/8,127.0.0.1',
  }),
  keyCacheMs: integer('KEY_CACHE_MS', {
    about:
      'How long a checked API key is believed, in milliseconds; a revoked key works no longer than this.',
    fallback: 5000,
    min: 0,
    max: 60_000,
  }),
  drainDelayMs: integer('DRAIN_DELAY_MS', {
    about: 'How long a stopping process still accepts requests while /readyz says no, in milliseconds.',
    fallback: 0,
    min: 0,
    max: 60_000,
  }),
};

/** A list of addresses, with or without the length of a network's prefix. */
function networks(name: string, describe: { about: string }): Setting<string[]> {
  const setting = list(name, describe);
  return {
    ...setting,
    parse: (value) => {
      const all = setting.parse(value);
      const wrong = all.find((one) => !isNetwork(one));
      if (wrong === undefined) return all;
      throw new Error(`must list addresses or networks, and "${wrong}" is neither`);
    },
  };
}

function isNetwork(value: string): boolean {
  const [address = '', prefix = '0', ...rest] = value.split('/');
  const family = isIP(address);
  return (
    family !== 0 &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= (family === 4 ? 32 : 128)
  );
}

export type ApiConfig = Environment<typeof apiSettings>;

/** @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv): ApiConfig {
  return readEnvironment(apiSettings, env);
}
