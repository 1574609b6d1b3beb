// Programs of the house that run to their end: the command line, as an operator types it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from './root.ts';

/** What `tintype …` prints. @throws Error with what it says when it fails */
export async function tintype(args: string[], env: Record<string, string>): Promise<string> {
  return (await output('apps/cli/dist/src/main.js', args, env)).trim();
}

/** What a compiled file prints. @throws Error with what it says when it fails */
export function output(file: string, args: string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(ROOT, file), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      err += text;
    });
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${file} ${args.join(' ')}: ${err}`)),
    );
  });
}
