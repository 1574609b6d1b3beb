// One request and all of its answer.
import { Agent, request } from 'undici';

export interface Order {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Of a problem document. */
  code: string | undefined;
  ms: number;
}

export type Send = (order: Order) => Promise<Answer>;

const TIMEOUT_MS = 90_000;
const agent = new Agent({ connections: 64, keepAliveTimeout: 10_000 });

/** @throws Error when there is no answer */
export async function send(address: string, { method, path, headers, body }: Order): Promise<Answer> {
  const begunAt = performance.now();
  const answer = await request(address + path, {
    method: method as 'GET',
    headers,
    body: body ?? null,
    dispatcher: agent,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await answer.body.text();
  const ms = performance.now() - begunAt;
  return { status: answer.statusCode, headers: answer.headers, text, code: codeOf(text), ms };
}

export function json(body: unknown): Pick<Order, 'body'> & { headers: Record<string, string> } {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The body of an answer that must be good. @throws Error with what it says */
export function good({ method, path }: Order, { status, text }: Answer): Record<string, unknown> {
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`);
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

function codeOf(text: string): string | undefined {
  const [, code] = /"code":"([A-Z_]+)"/.exec(text) ?? [];
  return code;
}
