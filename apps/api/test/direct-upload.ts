// What a client does who sends a file past the API, for tests of that.
import { createHash } from 'node:crypto';
import type { ObjectStore } from '@tintype/core';
import { request } from 'undici';
import type { Job } from '../src/schemas/job.ts';
import type { Upload } from '../src/schemas/upload.ts';
import type { TestApi } from './app.ts';
import { type Answer, postJson } from './client.ts';

const PNG = 'image/png';

export async function promised(api: TestApi, file: Buffer, more: object = {}): Promise<Upload> {
  const answer = await postJson(api, '/v1/uploads', { bytes: file.length, contentType: PNG, ...more });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json<Upload>();
}

/** As it was told, without a key; answers the status and, where there is a problem, its code. */
export async function send(
  api: TestApi,
  { url, headers }: Pick<Upload, 'url' | 'headers'>,
  file: Buffer,
  other: Record<string, string> = {},
): Promise<string> {
  const answer = await request(new URL(url, api.origin), {
    method: 'PUT',
    headers: { ...headers, 'content-length': String(file.length), ...other },
    body: file,
  });
  const text = await answer.body.text();
  const code = text.startsWith('{') ? ` ${JSON.parse(text).code}` : '';
  return `${answer.statusCode}${code}`;
}

export async function sent(api: TestApi, file: Buffer, more: object = {}): Promise<Upload> {
  const upload = await promised(api, file, more);
  const status = await send(api, upload, file);
  if (!status.startsWith('20')) throw new Error(status);
  return upload;
}

export function takeIn(
  api: TestApi,
  { id }: Pick<Upload, 'id'>,
  wishes: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return postJson(api, '/v1/jobs', { uploadId: id, ...wishes }, { headers });
}

export const incoming = ({ tenantId }: TestApi, { id }: Pick<Upload, 'id'>) => `${tenantId}/incoming/${id}`;

/** Past the API and past any signature. */
export function overwrite(
  objects: ObjectStore,
  key: string,
  bytes: Buffer,
  contentType = PNG,
): Promise<void> {
  const sha256Hex = createHash('sha256').update(bytes).digest('hex');
  return objects.put(key, [bytes], { contentType, sha256Hex });
}

export async function keysOf({ list }: Pick<ObjectStore, 'list'>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of list()) keys.push(key);
  return keys.sort();
}

export const codeOf = (answer: Answer) =>
  answer.status < 400 ? String(answer.status) : `${answer.status} ${answer.json<{ code: string }>().code}`;

export const jobOf = (answer: Answer) => answer.json<Job>();
