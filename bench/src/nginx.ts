// nginx with one folder of files, as the ceiling of delivery: from PATH, else Debian's package, unpacked and not installed.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@tintype/local';
import { startProcess } from './child.ts';
import { waitUntilReady } from './ready.ts';
import { makeFolder } from './workspace.ts';

const run = promisify(execFile);
const PLACES = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

export interface Nginx {
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The program's path, or why there is none. */
export async function findNginx(workspace: string): Promise<{ program: string } | { reason: string }> {
  const installed = PLACES.map((place) => join(place, 'nginx')).find((path) => existsSync(path));
  if (installed !== undefined) return { program: installed };
  const { path: folder } = await makeFolder(workspace, 'nginx');
  try {
    await run('apt-get', ['download', '-q', 'nginx'], { cwd: folder });
    const [archive = ''] = await readdir(folder);
    await run('dpkg-deb', ['--extract', archive, 'unpacked'], { cwd: folder });
    const program = join(folder, 'unpacked/usr/sbin/nginx');
    await run(program, ['-v']);
    return { program };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { reason: `there is no nginx, and its package can not be fetched: ${why}` };
  }
}

/** A worker for each processor, which is its default in every distribution; no log of requests. `probe`: a path that there is. */
export async function startNginx(
  program: string,
  { workspace, files, probe }: { workspace: string; files: string; probe: string },
): Promise<Nginx> {
  const folder = await makeFolder(workspace, 'nginx-run');
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder.path}/${name};`,
  );
  const configuration = `
    ${isRoot ? 'user root;' : ''}
    worker_processes auto;
    pid ${folder.path}/nginx.pid;
    error_log stderr warn;
    events { worker_connections 1024; }
    http {
      ${temporary.join('\n      ')}
      access_log off;
      sendfile on;
      tcp_nopush on;
      default_type image/jpeg;
      server { listen 127.0.0.1:${port}; root ${files}; }
    }`;
  const path = join(folder.path, 'nginx.conf');
  await writeFile(path, configuration);
  const child = startProcess(program, ['-c', path, '-p', folder.path, '-g', 'daemon off;']);
  const origin = `http://127.0.0.1:${port}`;
  await child.until(waitUntilReady(`${origin}${probe}`));
  return {
    origin,
    pid: child.pid,
    stop: async () => {
      await child.stop();
      await folder.remove();
    },
  };
}
