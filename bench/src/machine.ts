// What the run ran on: figures of two machines are never compared, ratios may be.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import sharp from 'sharp';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly sharp: string;
  readonly redis: string;
  /** Load average of the minute before the run: above 0.5 the machine had other work to do. */
  readonly loadBefore: number;
}

function redisVersion(): string {
  try {
    const line = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
    return /v=(\S+)/.exec(line)?.[1] ?? 'unknown';
  } catch {
    return 'none installed';
  }
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${release()}`,
    node: process.version,
    sharp: sharp.versions.sharp ?? 'unknown',
    redis: redisVersion(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
