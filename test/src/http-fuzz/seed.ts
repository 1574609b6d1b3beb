// Something for the requests to meet: images that were described, jobs that failed, endpoints and what was sent to them.
import { setTimeout as sleep } from 'node:timers/promises';
import { FormData, request } from 'undici';
import { preparePictures } from '../service/pictures.ts';
import type { Document } from './document.ts';
import { matcherOf } from './match-operation.ts';
import type { Principal } from './principals.ts';
import type { Resources } from './resources.ts';

interface Ground {
  address: string;
  document: Document;
  resources: Resources;
  people: readonly Principal[];
}

const IMAGES = 8;
const PATIENCE_MS = 30_000;
/** Nobody listens there. */
const DEAD_END = 'http://127.0.0.1:8080/';

/** A worker must run. @throws Error when the jobs do not end */
export async function seed({ address, document, resources, people }: Ground): Promise<void> {
  const match = matcherOf(document);
  const pictures = await preparePictures();

  async function ask(
    { tenant, key }: Principal,
    order: { method: 'GET' | 'POST'; path: string; body?: object | FormData },
  ) {
    const { method, path, body } = order;
    const isForm = body instanceof FormData;
    const answer = await request(address + path, {
      method,
      headers: {
        'x-api-key': key,
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`);
    const json = JSON.parse(text) as Record<string, unknown>;
    const operation = match(method, path);
    if (operation !== undefined) resources.learn(tenant, operation, json);
    return json;
  }

  function form(mark: string, kind: number): FormData {
    const { bytes, mimeType, fileName } = pictures.make(kind, mark);
    const made = new FormData();
    made.append('image', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType }), fileName);
    made.append('webhookUrl', DEAD_END);
    made.append('title', `Fuzz ${kind}`);
    made.append('tags', JSON.stringify(['fuzz', `a tag/${kind} & é`]));
    return made;
  }

  const jobs = await Promise.all(
    people.map(async (person) => {
      const endpoint = await ask(person, {
        method: 'POST',
        path: '/v1/webhook-endpoints',
        body: { url: DEAD_END },
      });
      await ask(person, { method: 'POST', path: `/v1/webhook-endpoints/${endpoint.id}/ping` });
      const made = [await ask(person, { method: 'POST', path: '/v1/jobs', body: { url: DEAD_END } })];
      for (let kind = 0; kind < IMAGES; kind += 1)
        made.push(
          await ask(person, {
            method: 'POST',
            path: '/v1/jobs',
            body: form(`${person.tenant} ${kind}`, kind),
          }),
        );
      return made.map(({ id }) => ({ person, path: `/v1/jobs/${id}` }));
    }),
  );
  for (const { person, path } of jobs.flat()) {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(200)) {
      const { status, attempt } = await ask(person, { method: 'GET', path });
      // An address that nobody answers at is tried again for a long time.
      if (status === 'completed' || status === 'failed' || (status === 'queued' && Number(attempt) > 0))
        break;
      if (Date.now() > deadline) throw new Error(`${path} does not end: ${status}.`);
    }
  }
  for (const person of people)
    for (const path of ['/v1/webhook-deliveries', '/v1/images?limit=3', '/v1/tags?limit=3'])
      await ask(person, { method: 'GET', path });
}
