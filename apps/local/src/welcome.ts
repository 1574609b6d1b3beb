// What a person reads when everything runs: where, and commands to try it with.
import path from 'node:path';
import { type Account, EMAIL } from './account.ts';
import { DATA_FOLDER, EXAMPLE_IMAGE } from './folders.ts';

export function printWelcome({ port, key, password }: Account & { port: number }): void {
  const address = `http://localhost:${port}`;
  const folder = asTyped(DATA_FOLDER);
  process.stdout.write(`
Tintype listens on ${address}

Post a picture and read what it says about itself:

  curl -H 'X-API-Key: ${key}' -H 'Prefer: wait=10' -F image=@${EXAMPLE_IMAGE} ${address}/v1/jobs

Or log in as ${EMAIL}, who operates the service${password === undefined ? ', with the password that you have chosen' : `; the password is ${password}`}:

  curl -c ${quoted(`${folder}cookies`)} -H 'Content-Type: application/json' -d '${JSON.stringify({ email: EMAIL, password: password ?? '…' })}' ${address}/v1/sessions
  curl -b ${quoted(`${folder}cookies`)} ${address}/v1/users/me

The API:  ${address}/docs        Logs and data:  ${folder}        Stop:  Ctrl-C
`);
}

/** From where the command was started, with the slash of a folder at its end. */
function asTyped(folder: string): string {
  const relative = path.relative(process.cwd(), folder);
  return `${relative.startsWith('..') || path.isAbsolute(relative) ? folder : relative}${path.sep}`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
