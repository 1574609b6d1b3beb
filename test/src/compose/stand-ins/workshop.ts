// Where stand-ins are made: the engine, a folder, and whoever hears about it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../engine.ts';
import { runProgram } from '../run-program.ts';

export interface Workshop {
  folder: string;
  signal: AbortSignal | undefined;
  say: (text: string) => void;
  docker(args: readonly string[]): Promise<string>;
  /** Whether the engine has an image of this name. */
  has(tag: string): Promise<boolean>;
  /** Builds the image `tag` from a Dockerfile's text and what `fill` puts beside it, unless the engine has it. */
  build(tag: string, dockerfile: string, fill: (context: string) => Promise<unknown>): Promise<void>;
}

export interface WorkshopOptions {
  engine: Engine;
  folder: string;
  say: (text: string) => void;
  signal?: AbortSignal | undefined;
}

export function openWorkshop({ engine, folder, say, signal }: WorkshopOptions): Workshop {
  const docker = (args: readonly string[]) => runProgram('docker', args, { env: engine.env, signal });
  const has = async (tag: string) => (await docker(['images', '--quiet', tag])) !== '';
  return {
    folder,
    signal,
    say,
    docker,
    has,
    build: async (tag, dockerfile, fill) => {
      if (await has(tag)) return;
      say(`making ${tag}`);
      await mkdir(folder, { recursive: true });
      const context = await mkdtemp(path.join(folder, 'context-'));
      try {
        await writeFile(path.join(context, 'Dockerfile'), dockerfile);
        await fill(context);
        await docker(['build', '--quiet', '--tag', tag, context]);
      } finally {
        await rm(context, { recursive: true, force: true });
      }
    },
  };
}
