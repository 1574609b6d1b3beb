// The command around the smoke test: `node infra/pulumi/dist/src/smoke-test.js URL`. Arguments in, lines and an exit code out.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runSmokeTest, type SmokeTest } from './smoke.ts';

const PICTURE = path.resolve(import.meta.dirname, '../../../../examples/lighthouse.jpg');

const HELP = `node infra/pulumi/dist/src/smoke-test.js URL – does the service there do its work?

  Asks /readyz, registers an account, makes a key, posts a picture, waits for its job, reads it back, deletes the account.

  --picture FILE        another picture (JPEG)
  --ready-seconds N     how long it may take to become ready (300)
  --job-seconds N       how long the job may take (120)

  TINTYPE_API_KEY       a key of an account that is there: none is made. Needed where registration is closed.

Ends with 0 when it works, 3 when registration is closed and no key was given, 1 otherwise.
`;

const CLOSED = 3;

/** @throws Error, in a sentence, for arguments that say nothing */
export function readArguments(
  args: string[],
  env: NodeJS.ProcessEnv,
): Omit<SmokeTest, 'picture' | 'say'> & { picture: string } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      picture: { type: 'string', default: PICTURE },
      'ready-seconds': { type: 'string', default: '300' },
      'job-seconds': { type: 'string', default: '120' },
    },
  });
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) throw new Error('Name one URL: https://images.example.com');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error(`${url} is no URL that begins with http:// or https://.`);
  const seconds = (name: 'ready-seconds' | 'job-seconds') => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} must be a number of seconds.`);
    return value * 1000;
  };
  return {
    url: url.replace(/\/+$/, ''),
    picture: values.picture,
    apiKey: env.TINTYPE_API_KEY || undefined,
    readyTimeoutMs: seconds('ready-seconds'),
    jobTimeoutMs: seconds('job-seconds'),
    requestTimeoutMs: 30_000,
    lookEveryMs: 1000,
  };
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const say = (step: string) => process.stdout.write(`smoke test: ${step}\n`);
  const { picture, ...test } = readArguments(args, process.env);
  const verdict = await runSmokeTest({ ...test, picture: new Uint8Array(readFileSync(picture)), say });
  say(verdict === 'works' ? 'it works' : 'what could be seen without an account is well');
  return verdict === 'works' ? 0 : CLOSED;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`smoke test: ${(error as Error).message}\n`);
    return 1;
  });
}
