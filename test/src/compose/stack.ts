// The stack of docker-compose.yml under a name of its own, and what one does to it. Knows nothing of the service's meaning.
import path from 'node:path';
import { ROOT } from '../service/root.ts';
import type { Engine } from './engine.ts';
import { runProgram } from './run-program.ts';

/** What `docker inspect` says of a container, as far as it is looked at here. */
export interface Inspected {
  Id: string;
  Name: string;
  RestartCount: number;
  State: {
    Status: string;
    ExitCode: number;
    StartedAt: string;
    FinishedAt: string;
    Health?: { Status: string };
  };
  Config: { User: string };
  HostConfig: {
    ReadonlyRootfs: boolean;
    Privileged: boolean;
    CapDrop: string[] | null;
    CapAdd: string[] | null;
    SecurityOpt: string[] | null;
    PortBindings: Record<string, unknown> | null;
  };
}

export interface Stack {
  /** For scripts that run Compose themselves. */
  env: NodeJS.ProcessEnv;
  project: string;
  /** What ${…} in the files stands for. */
  variables: Record<string, string>;
  compose(...args: string[]): Promise<string>;
  docker(...args: string[]): Promise<string>;
  /** Ids of a service's containers, those included that have ended. */
  containers(service: string): Promise<string[]>;
  inspect(id: string): Promise<Inspected>;
  /** What a program prints in a container of the service. */
  exec(service: string, command: readonly string[], input?: string): Promise<string>;
  /** Rows of one statement: columns are parted by "|". */
  sql(statement: string): Promise<string[][]>;
  /** A program of the repository, which gets our Compose by its environment. */
  script(file: string, ...args: string[]): Promise<string>;
  /** rclone, beside the object store: "store:" is the bucket. */
  rclone(...args: string[]): Promise<string>;
  /** Removes containers, networks and volumes. Not ended by the signal that ends the rest. */
  remove(): Promise<void>;
  /** Removes the images that were built, when nothing stands on them any more. */
  removeImages(): Promise<void>;
}

const BACKUP_FILE = path.join(ROOT, 'docker/backup/compose.yml');

export interface StackOptions {
  engine: Engine;
  project: string;
  /** Compose files beside docker-compose.yml. */
  files: readonly string[];
  /** What ${…} in them stands for. */
  variables: Record<string, string>;
  signal: AbortSignal;
  onLine?: (line: string) => void;
}

export function describeStack({ engine, project, files, variables, signal, onLine }: StackOptions): Stack {
  const env = {
    ...engine.env,
    ...variables,
    COMPOSE: engine.compose.join(' '),
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_FILE: [path.join(ROOT, 'docker-compose.yml'), ...files].join(path.delimiter),
  };
  const options = { env, cwd: ROOT, onLine };
  const [program = '', ...before] = engine.compose;
  const compose = (...args: string[]) => runProgram(program, [...before, ...args], { ...options, signal });
  const docker = (...args: string[]) => runProgram('docker', args, { ...options, signal });

  async function containers(service: string): Promise<string[]> {
    const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
    const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
    const ids = await docker('ps', '--all', '--quiet', '--no-trunc', ...filters);
    return ids.split('\n').filter((id) => id !== '');
  }

  async function exec(service: string, command: readonly string[], input?: string): Promise<string> {
    const [id] = await containers(service);
    if (id === undefined) throw new Error(`${service} has no container.`);
    const args = ['exec', ...(input === undefined ? [] : ['--interactive']), id, ...command];
    return runProgram('docker', args, { ...options, signal, ...(input !== undefined && { input }) });
  }

  return {
    env,
    project,
    variables,
    compose,
    docker,
    containers,
    exec,
    inspect: async (id) => {
      const [found] = JSON.parse(await docker('inspect', id)) as Inspected[];
      if (found === undefined) throw new Error(`There is no container ${id}.`);
      return found;
    },
    sql: async (statement) => {
      const psql = [
        'psql',
        '--username=tintype',
        '--dbname=tintype',
        '-v',
        'ON_ERROR_STOP=1',
        '--no-align',
        '-t',
      ];
      const out = await exec('postgres', psql, statement);
      return out === '' ? [] : out.split('\n').map((line) => line.split('|'));
    },
    script: (file, ...args) => runProgram(path.join(ROOT, file), args, { ...options, signal }),
    rclone: (...args) => {
      const withBackup = { ...env, COMPOSE_FILE: `${env.COMPOSE_FILE}${path.delimiter}${BACKUP_FILE}` };
      return runProgram(program, [...before, 'run', '--rm', '-T', 'backup', ...args], {
        ...options,
        env: withBackup,
        signal,
      });
    },
    remove: async () => {
      const down = ['down', '--volumes', '--remove-orphans', '--timeout', '20'];
      await runProgram(program, [...before, ...down], options);
    },
    removeImages: async () => {
      const filter = `reference=${variables.TINTYPE_IMAGES}/*:${variables.TINTYPE_VERSION}`;
      const tags = await runProgram(
        'docker',
        ['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', filter],
        options,
      );
      if (tags !== '') await runProgram('docker', ['rmi', '--force', ...tags.split('\n')], options);
    },
  };
}
