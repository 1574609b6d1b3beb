// Runs a program to its end and answers what it printed. Knows nothing of Docker.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** What it reads. */
  input?: string;
  /** Ends it. */
  signal?: AbortSignal | undefined;
  /** Hears its messages, line by line. */
  onLine?: ((line: string) => void) | undefined;
}

const KEPT_LINES = 15;

/**
 * What `command` prints to its standard output, without the last line's end.
 *
 * @throws Error with the last lines that it said when it ends other than with 0
 */
export function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { env, cwd, input, signal, onLine } = options;
  return new Promise((resolve, reject) => {
    // In a group of its own: a Ctrl+C is for us, and we end it when its turn comes.
    const child = spawn(command, args, {
      env: env ?? process.env,
      cwd: cwd ?? process.cwd(),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      ...(signal !== undefined && { signal, killSignal: 'SIGTERM' }),
    });
    const said: string[] = [];
    let out = '';
    const hear = (line: string) => {
      said.push(line);
      if (said.length > KEPT_LINES) said.shift();
      onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    createInterface({ input: child.stderr }).on('line', hear);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(out.trimEnd());
      const words = [command, ...args].join(' ').slice(0, 200);
      const lines = said.length > 0 ? said : out.trimEnd().split('\n').slice(-KEPT_LINES);
      reject(new Error(`"${words}" ended with ${killedBy ?? code}:\n${lines.join('\n')}`));
    });
  });
}
