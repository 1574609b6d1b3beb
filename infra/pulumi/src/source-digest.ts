// A name for the state of what the images are built from: the same sources have the same, wherever they lie. Knows no registry.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Made by a build or a test run, or a test; none of it gets into an image. */
const IGNORED =
  /(?:^|\/)(?:node_modules|dist|generated|\.tap)$|^(?:apps\/[^/]+|packages\/[^/]+|prisma)\/test$/;

/** 12 hexadecimal digits. @param root of the repository @param platform e.g. linux/arm64: its images are others */
export function digestSources(root: string, platform: string): string {
  const hash = createHash('sha256').update(platform);
  for (const file of sourcesOf(root).flatMap((source) => filesOf(root, source))) {
    const at = path.join(root, file);
    const bytes = readFileSync(at);
    // The provider builds anew for other modes, too, as a checkout with another umask has them: the tag must be another one then.
    const mode = (statSync(at).mode & 0o777).toString(8);
    hash.update(`\0${file}\0${mode}\0${bytes.byteLength}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 12);
}

/** What .dockerignore lets into the build, and what says how to build. More would only build too often; less would move a tag. */
function sourcesOf(root: string): string[] {
  const lines = readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n');
  const letIn = lines.flatMap((line) => (line.startsWith('!') ? [line.slice(1).trim()] : []));
  return ['.dockerignore', 'docker/Dockerfile', ...letIn];
}

/** The files at or below `relative`, in an order that no machine has of its own. A source that is not there has none. */
function filesOf(root: string, relative: string): string[] {
  const entries = entriesOf(path.join(root, relative));
  if (entries === 'file') return [relative];
  return entries
    .sort()
    .map((name) => `${relative}/${name}`)
    .filter((below) => !IGNORED.test(below))
    .flatMap((below) => filesOf(root, below));
}

function entriesOf(at: string): string[] | 'file' {
  try {
    return readdirSync(at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return 'file';
    if (code === 'ENOENT') return [];
    throw error;
  }
}
