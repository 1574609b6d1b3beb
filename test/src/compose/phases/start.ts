// From nothing to a healthy stack and a key: build, up, and that `migrate` came before everything else.
import type { Checks } from '../checks.ts';
import { eventually, expectSame, inSeconds } from '../proof.ts';
import type { Stack } from '../stack.ts';

export const SERVICES = ['nginx', 'api', 'worker', 'postgres', 'valkey', 'object-store'] as const;
const DOUBLED: readonly string[] = ['api', 'worker'];
const IMAGES = ['api', 'worker', 'migrate', 'object-store'] as const;
const HEALTHY_MS = 240_000;
const MIB = 1024 * 1024;

/** @throws Error when there is no use in going on */
export async function buildImages(stack: Stack, checks: Checks): Promise<void> {
  const begunAt = performance.now();
  await stack.compose('build');
  checks.figure('images built in', inSeconds(performance.now() - begunAt));
  for (const name of IMAGES) {
    const tag = `${stack.variables.TINTYPE_IMAGES}/${name}:${stack.variables.TINTYPE_VERSION}`;
    const bytes = Number(await stack.docker('image', 'inspect', '--format', '{{.Size}}', tag));
    checks.figure(`image ${name}`, `${Math.round(bytes / MIB)} MiB`);
  }
}

/** @throws Error when the stack does not become healthy */
export async function bringUp(stack: Stack, { check, figure }: Checks, signal: AbortSignal): Promise<void> {
  const begunAt = performance.now();
  await stack.compose('up', '--detach');
  await allHealthy(stack, signal);
  figure('stack up and healthy in', inSeconds(performance.now() - begunAt));
  await check('migrate ended with 0 before any api or worker began', async () => {
    const [id = ''] = await stack.containers('migrate');
    const { State } = await stack.inspect(id);
    expectSame([State.Status, State.ExitCode], ['exited', 0], 'migrate');
    const waiting = [...(await stack.containers('api')), ...(await stack.containers('worker'))];
    for (const one of await Promise.all(waiting.map(stack.inspect)))
      if (Date.parse(one.State.StartedAt) < Date.parse(State.FinishedAt))
        throw new Error(`${one.Name} began at ${one.State.StartedAt}, migrate ended at ${State.FinishedAt}`);
    return undefined;
  });
}

/** As many containers as there should be of each service, all healthy. @throws Error that names one that is not */
export async function allHealthy(stack: Stack, signal: AbortSignal): Promise<void> {
  const look = async () => {
    for (const service of SERVICES) {
      const found = await Promise.all((await stack.containers(service)).map(stack.inspect));
      const states = found.map(({ State }) => State.Health?.Status ?? State.Status);
      const wanted = Array(DOUBLED.includes(service) ? 2 : 1).fill('healthy');
      expectSame(states, wanted, service);
    }
  };
  await eventually(look, { atMostMs: HEALTHY_MS, signal });
}

/** A key, made as an operator makes one. */
export async function makeKey(stack: Stack, ...options: string[]): Promise<string> {
  const printed = await stack.compose('run', '--rm', '-T', 'tools', 'keys', 'create', ...options);
  const key = printed.split('\n').at(-1)?.trim() ?? '';
  if (!/^\S{20,}$/.test(key)) throw new Error(`"keys create" printed no key: ${printed}`);
  return key;
}
