// A pool for one test, small pictures, and the processes that it leaves.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createLogger } from '@tintype/core';
import sharp from 'sharp';
import type { Test } from 'tap';
import { createExifToolPool, type ExifToolPool, type ExifToolPoolOptions } from '../../src/exiftool/pool.ts';
import type { ExifToolAnswer } from '../../src/image/merge-exiftool/answer.ts';

export const MEBIBYTE = 1024 ** 2;
export const JPEG = { format: 'jpeg' } as const;
export const skip = spawnSync('perl', ['-v']).status !== 0 && 'perl is not installed';
export const skipButLinux = skip || (process.platform !== 'linux' && 'Linux only');

export function openPool(t: Test, options: Partial<ExifToolPoolOptions> = {}): ExifToolPool {
  const log = createLogger({ name: 'test', level: 'silent' });
  const limits = { processes: 1, timeoutMs: 30_000, memoryBytes: 350 * MEBIBYTE, recycleAfter: 1000 };
  const pool = createExifToolPool({ ...limits, log, ...options });
  t.teardown(() => pool.close());
  return pool;
}

export function makeJpeg(width = 64): Promise<Buffer> {
  return sharp({ create: { width, height: 48, channels: 3, background: '#a35' } })
    .withExif({ IFD0: { Make: 'Tintype', Software: '1.10' } })
    .jpeg()
    .toBuffer();
}

export function tagsOf(answer: ExifToolAnswer): Readonly<Record<string, unknown>> {
  if (!('tags' in answer)) throw new Error(`no tags: ${JSON.stringify(answer)}`);
  return answer.tags;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // What nobody has waited for yet is dead all the same.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  for (let tries = 0; pids.some(isAlive); tries += 1) {
    if (tries > 400) throw new Error(`still there: ${pids}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
