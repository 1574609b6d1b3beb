// Ends containers as a crash does, and lets them come back.
import { eventually } from '../proof.ts';
import type { Stack } from '../stack.ts';

const RESTARTED_MS = 60_000;

/** Kills the first container of a service; Docker leaves one dead that it was told to kill. Answers its id. */
export async function killHard(stack: Stack, service: string): Promise<string> {
  const id = await first(stack, service);
  await stack.docker('kill', '--signal', 'KILL', id);
  return id;
}

export async function startAgain(stack: Stack, id: string): Promise<void> {
  await stack.docker('start', id);
}

/** Kills the program itself, under the container's init, so that Docker sees a crash and its restart policy counts. Answers after how long. */
export async function killFirstChild(stack: Stack, service: string, signal: AbortSignal): Promise<number> {
  const id = await first(stack, service);
  const { RestartCount } = await stack.inspect(id);
  const begunAt = performance.now();
  // The container may be gone before the answer is.
  await stack.docker('exec', id, 'sh', '-c', 'kill -9 $(cat /proc/1/task/1/children)').catch(() => undefined);
  const look = async () => {
    const now = await stack.inspect(id);
    if (now.RestartCount === RestartCount || now.State.Status !== 'running')
      throw new Error(`the killed ${service} does not run again`);
  };
  await eventually(look, { atMostMs: RESTARTED_MS, signal });
  return performance.now() - begunAt;
}

async function first(stack: Stack, service: string): Promise<string> {
  const [id] = await stack.containers(service);
  if (id === undefined) throw new Error(`${service} has no container`);
  return id;
}
