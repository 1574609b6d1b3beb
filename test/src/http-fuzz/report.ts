// What is printed: a table of operations and statuses, and every finding with what shows it again.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Header } from './attempt.ts';
import type { Finding, Tally } from './run.ts';
import { isPlain } from './send.ts';
import { toWire } from './wire.ts';

export function table({ statuses }: Tally): string {
  const rows = [...statuses].map(([id, byStatus]) => {
    const all = [...byStatus].sort(([one], [other]) => one.localeCompare(other));
    const requests = all.reduce((sum, [, count]) => sum + count, 0);
    return [`\`${id}\``, String(requests), all.map(([status, count]) => `${status} × ${count}`).join(', ')];
  });
  const head = ['operation', 'requests', 'statuses'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function codesOf({ codes }: Tally): string {
  const sorted = [...codes].sort(([one], [other]) => one.localeCompare(other));
  return sorted.map(([code, count]) => `${code} × ${count}`).join(', ');
}

/** Operations that nothing good was ever answered by. */
export function neverGood({ statuses }: Tally): string[] {
  return [...statuses].flatMap(([id, byStatus]) =>
    [...byStatus.keys()].some((status) => status.startsWith('2')) ? [] : [id],
  );
}

export function totalOf({ statuses }: Tally, wanted: string): number {
  return [...statuses.values()].reduce((sum, byStatus) => sum + (byStatus.get(wanted) ?? 0), 0);
}

interface About {
  address: string;
  seed: number;
  requests: number;
  /** Where bodies are put that are too long to be read. */
  folder: string;
}

export function describe(finding: Finding, number: number, about: About): string {
  const { operationId, fault, sent, attempt, count } = finding;
  const again = `npm run test:fuzz -- --seed ${about.seed} --requests ${about.requests} --operation ${operationId}`;
  const how = sent.wire === 'keep-alive' ? '' : `, written by hand: ${sent.wire}`;
  return [
    `${number}. ${operationId}: ${fault.what} (${count} times; asked by ${attempt.who}${how})`,
    `   ${oneLine(fault.detail)}`,
    `   ${curlOf(finding, number, about)}`,
    `   ${again}`,
  ].join('\n');
}

const MOST_BODY_BYTES = 1500;

/** What is shown of oneself stays unsaid: `~key.owner~` is the owner's key. */
function shownHeaders({ sent, attempt }: Finding): Header[] {
  return sent.headers.map(([name, value], at): Header => {
    const written = attempt.headers[at]?.[1] ?? '';
    return [name, /~(key|cookie)\./.test(written) ? written : value];
  });
}

function curlOf(finding: Finding, number: number, { address, folder }: About): string {
  const { sent } = finding;
  const headers = shownHeaders(finding);
  if (sent.wire !== 'keep-alive' || !isPlain(sent)) {
    const { hostname, port } = new URL(address);
    const file = path.join(folder, `request-${number}`);
    writeFileSync(file, toWire({ ...sent, headers }, sent.wire));
    return `nc -N ${hostname} ${port} < ${file}`;
  }
  const parts = [
    'curl -i --path-as-is',
    `-X ${quote(sent.method)}`,
    ...headers.map(([name, value]) => `-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...bodyOf(sent.body, path.join(folder, `body-${number}`)),
    quote(address + sent.target),
  ];
  return parts.join(' ');
}

function bodyOf(body: Buffer | undefined, file: string): string[] {
  if (body === undefined) return [];
  const text = body.toString();
  if (body.length <= MOST_BODY_BYTES && Buffer.from(text).equals(body) && !text.includes('\0'))
    return [`--data-binary ${quote(text)}`];
  writeFileSync(file, body);
  return [`--data-binary @${file}`];
}

/** As bash reads it. */
function quote(text: string): string {
  if (/^[\w:/.,@%+=-]+$/.test(text)) return text;
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text.replace(/[\\']/g, '\\$&').replace(/[^\x20-\x7e]/g, (letter) => {
    const bytes = letter <= '\xff' ? Buffer.from(letter, 'latin1') : Buffer.from(letter);
    return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `$'${escaped}'`;
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?').slice(0, 700);
}
