// Speaks HTTP with an API under test, and holds each answer against its contract.
import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import type { Job } from '../src/schemas/job.ts';
import type { ProblemDocument } from '../src/schemas/problem.ts';
import type { TestApi } from './app.ts';
import { picture } from './pictures.ts';

export interface Part {
  name: string;
  body: string | Uint8Array;
  /** Makes it a file. */
  fileName?: string;
  type?: string;
}

interface Call {
  method?: Dispatcher.HttpMethod;
  /** The key; null sends none. Default: the key that works. */
  key?: string | null;
  headers?: Record<string, string>;
  body?: Uint8Array | string | Readable;
  dispatcher?: Dispatcher;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: Buffer;
  json<Body>(): Body;
}

export const BOUNDARY = 'a-boundary';
const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

export async function call(api: TestApi, path: string, options: Call = {}): Promise<Answer> {
  const { method = 'GET', key = api.key, headers = {}, body = null, signal } = options;
  const answer = await request(`${api.origin}${path}`, {
    method,
    headers: { ...(key === null ? {} : { 'x-api-key': key }), ...headers },
    body,
    dispatcher: options.dispatcher ?? api.dispatcher,
    ...(signal === undefined ? {} : { signal }),
  });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const { statusCode: status } = answer;
  const contentType = String(answer.headers['content-type'] ?? '');
  api.contract({ method, path, status, contentType, body: bytes });
  return {
    status,
    headers: answer.headers as Answer['headers'],
    body: bytes,
    json: <Body>() => JSON.parse(bytes.toString()) as Body,
  };
}

/** POSTs a form. Without parts: one small picture. */
export function upload(api: TestApi, parts: Part[] = [image()], options: Call = {}): Promise<Answer> {
  return call(api, '/v1/jobs', {
    method: 'POST',
    body: encode(parts),
    ...options,
    headers: { ...MULTIPART, ...options.headers },
  });
}

/** POSTs JSON. */
export function postJson(api: TestApi, path: string, body: unknown, options: Call = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...options.headers };
  return call(api, path, { method: 'POST', ...options, headers, body: JSON.stringify(body) });
}

/** An accepted job, for tests that are about something else. */
export async function accept(api: TestApi, parts: Part[] = [image()]): Promise<Job> {
  const answer = await upload(api, parts);
  if (answer.status !== 202) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json<Job>();
}

export function image(body: Uint8Array = picture, about: Partial<Part> = {}): Part {
  return { name: 'image', fileName: 'tiny.png', type: 'image/png', body, ...about };
}

export const field = (name: string, body: string): Part => ({ name, body });

/** A form as it goes over the wire (RFC 7578). */
export function encode(parts: Part[]): Buffer {
  const chunks = parts.flatMap(({ name, fileName, type, body }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n`;
    return [
      Buffer.from(`${head}${type === undefined ? '' : `content-type: ${type}\r\n`}\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ];
  });
  return Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

export function problem(answer: Answer): ProblemDocument {
  return answer.json<ProblemDocument>();
}
