// A Redis that speaks TLS alone and knows one user with a password.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram, freePort } from '@tintype/local';
import t from 'tap';
import type { Authority } from './certificates.ts';

/** Why there is none here; false where there is. The one of the test run, wherever it is, has no TLS. */
export const noTlsRedis: string | false =
  findProgram('redis-server') === undefined && 'redis-server is not installed';

/** Answers the port on 127.0.0.1; ended when the test file ends. */
export async function startTlsRedis(
  { certificate, key, caFile }: Authority,
  { user, password }: { user: string; password: string },
): Promise<number> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tintype-tls-redis-'));
  const write = (name: string, text: string) => {
    const file = path.join(dir, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const port = await freePort();
  const settings = [
    `bind 127.0.0.1\nport 0\ntls-port ${port}\ntls-auth-clients no\ntls-ca-cert-file ${caFile}`,
    `tls-cert-file ${write('server.crt', certificate)}\ntls-key-file ${write('server.key', key)}`,
    `user default off\nuser ${user} on ${JSON.stringify(`>${password}`)} ~* &* +@all`,
    `dir ${dir}\nsave ""\nmaxmemory-policy noeviction`,
  ];
  const child = spawn('redis-server', [write('redis.conf', settings.join('\n'))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  while (!lines.some((line) => line.includes('Ready to accept connections'))) {
    if (child.exitCode !== null) throw new Error(`Redis did not start: ${lines.join('\n')}`);
    await Promise.race([once(output, 'line'), once(child, 'exit')]);
  }
  return port;
}
