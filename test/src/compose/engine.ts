// Finds the Docker engine and its Compose, of either version, and tells what they are. Starts nothing.
import { runProgram } from './run-program.ts';

export interface Engine {
  /** Of every program that speaks to it. */
  env: NodeJS.ProcessEnv;
  /** "docker", "compose", or "docker-compose". */
  compose: readonly string[];
  /** What they are, in a few words. */
  says: string;
  /** Where ports that containers publish are reached. */
  host: string;
  /** The address over there that they are to be bound to. */
  bind: string;
  /** Makes a published port reachable there. */
  open(port: number): Promise<void>;
  /** Ends it, if it is ours. */
  stop(): Promise<void>;
}

export class NoEngineError extends Error {}

const LOOPBACK = '127.0.0.1';
const COMPOSE_PROGRAMS: readonly (readonly string[])[] = [['docker', 'compose'], ['docker-compose']];

/** @throws NoEngineError with what is missing, in one clause */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const docker = await ask(['docker', 'version', '--format', '{{.Server.Version}}'], env);
  if (docker === undefined) throw new NoEngineError('no Docker engine answers');
  const withBuildKit = { ...env, DOCKER_BUILDKIT: '1', COMPOSE_DOCKER_CLI_BUILD: '1' };
  for (const compose of COMPOSE_PROGRAMS) {
    const version = await ask([...compose, 'version', '--short'], withBuildKit);
    if (version === undefined) continue;
    const host = hostOf(env.DOCKER_HOST);
    return {
      env: withBuildKit,
      compose,
      says: `Docker ${docker}, Compose ${version}`,
      host,
      bind: host === LOOPBACK ? LOOPBACK : '0.0.0.0',
      open: async () => undefined,
      stop: async () => undefined,
    };
  }
  throw new NoEngineError('neither "docker compose" nor "docker-compose" is installed');
}

/** An engine on another machine publishes its ports there. */
export function hostOf(dockerHost: string | undefined): string {
  const matched = /^(?:tcp|ssh):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(dockerHost ?? '');
  return matched?.[1] ?? LOOPBACK;
}

async function ask(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  return runProgram(command, args, { env }).then(
    (answer) => answer.replace(/^v/, ''),
    () => undefined,
  );
}
