// Somebody who calls the service over HTTP, and all of what he is answered.
import { Agent, FormData, request } from 'undici';

export type Json = Record<string, unknown>;

export interface Answer {
  /** `GET /v1/images`, for sentences about it. */
  to: string;
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  /** Of a body that is a JSON object; empty for any other. */
  json: Json;
}

export interface Content {
  headers?: Record<string, string>;
  json?: unknown;
  /** Fields, and files with their names. */
  form?: Record<string, string | Sent>;
  body?: Uint8Array;
}

export interface Sent {
  name: string;
  type: string;
  bytes: Uint8Array;
}

export interface Caller {
  call(method: string, path: string, content?: Content): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, content?: Content): Promise<Answer>;
  /** The same one, who shows something else. */
  as(headers: Record<string, string>): Caller;
}

const TIMEOUT_MS = 90_000;
const agent = new Agent({ keepAliveTimeout: 10_000 });

/** @param heard is told of each call */
export function createCaller(address: string, shown: Record<string, string>, heard: string[]): Caller {
  async function call(method: string, path: string, content: Content = {}): Promise<Answer> {
    const { headers, body } = write(content);
    // Addresses that were handed out may be whole.
    const answer = await request(new URL(path, address), {
      method: method as 'GET',
      headers: { ...shown, ...headers, ...content.headers },
      body,
      dispatcher: agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const to = `${method} ${decodeURI(path)}`;
    heard.push(`${to} → ${answer.statusCode}`);
    const plain = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
    return {
      to,
      status: answer.statusCode,
      headers: Object.fromEntries(plain),
      bytes,
      json: readJson(bytes),
    };
  }
  return {
    call,
    get: (path, headers = {}) => call('GET', path, { headers }),
    post: (path, content) => call('POST', path, content),
    as: (headers) => createCaller(address, headers, heard),
  };
}

function write({ json, form, body }: Content): {
  headers: Record<string, string>;
  body: FormData | Uint8Array | string | null;
} {
  if (json !== undefined)
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) };
  if (form === undefined) return { headers: {}, body: body ?? null };
  const data = new FormData();
  for (const [name, value] of Object.entries(form)) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, new Blob([new Uint8Array(value.bytes)], { type: value.type }), value.name);
  }
  return { headers: {}, body: data };
}

function readJson(bytes: Buffer): Json {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}
