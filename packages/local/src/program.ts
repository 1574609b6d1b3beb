// Knows where the machine keeps its programs and which part of our environment a server may see.
// Refuses to run anything.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of a program on PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {}
  }
  return undefined;
}

const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];

/** What a started server sees of our environment: no secrets, no PG* settings, messages in English. */
export function serverEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) seen[name] = value;
  }
  return { ...seen, LC_ALL: 'C', ...extra };
}
