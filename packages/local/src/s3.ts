// Knows how to get an S3 server of one's own: Ceph's radosgw, which checks signatures as the real one does.
// Refuses to keep what is stored there.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { startCeph } from './ceph-cluster.ts';
import { makeScratch } from './scratch.ts';
import { obtainProgram } from './service-program.ts';

export interface S3Options {
  /** Where the temporary folder is made. Default: the system's. A Unix socket's path must fit: keep it short. */
  workDir?: string;
  /** Hears the servers' logs, line by line. */
  log?: (line: string) => void;
  /** Hears what is being installed, line by line. */
  progress?: (line: string) => void;
}

export interface S3Server {
  /** http://127.0.0.1:PORT, to be used with path-style addressing. */
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  /** Empty when TEST_S3_ENDPOINT named a server that is not ours. */
  pids: number[];
  /** Ends our server and forgets its objects; does nothing to one that is not ours. */
  stop(): Promise<void>;
}

const defaultRegion = 'us-east-1';
const packages = ['ceph-mon', 'ceph-osd', 'ceph-mgr', 'radosgw', 'ceph-common'];

function readGiven(endpoint: string): S3Server {
  return {
    endpoint,
    accessKeyId: process.env.TEST_S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: process.env.TEST_S3_SECRET_ACCESS_KEY ?? '',
    region: process.env.TEST_S3_REGION ?? defaultRegion,
    pids: [],
    stop: async () => undefined,
  };
}

/**
 * An S3 server: the one TEST_S3_ENDPOINT names (with TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY and
 * TEST_S3_REGION), else our own from radosgw on PATH, else (Debian, root) installed first. Our own holds objects in
 * memory, 1 GiB at most, takes a second or a few to come up, and ends with this process.
 *
 * @throws ServiceUnavailableError when none of these is possible
 * @throws Error with the last lines of the log when ours does not start
 */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const given = process.env.TEST_S3_ENDPOINT;
  if (given !== undefined && given !== '') return readGiven(given);
  const log = options.log ?? (() => undefined);
  await obtainProgram(
    { service: 's3', program: 'radosgw', packages, variable: 'TEST_S3_ENDPOINT' },
    options.progress ?? (() => undefined),
  );
  if (options.workDir !== undefined) mkdirSync(options.workDir, { recursive: true });
  const scratch = makeScratch('s3', options.workDir);
  const accessKeyId = randomBytes(10).toString('hex').toUpperCase();
  const secretAccessKey = randomBytes(20).toString('hex');
  try {
    const cluster = await startCeph({ folder: scratch.path, accessKeyId, secretAccessKey, log });
    return {
      endpoint: cluster.endpoint,
      accessKeyId,
      secretAccessKey,
      region: defaultRegion,
      pids: cluster.pids,
      stop: async () => {
        await cluster.stop();
        scratch.remove();
      },
    };
  } catch (error) {
    scratch.remove();
    throw error;
  }
}
