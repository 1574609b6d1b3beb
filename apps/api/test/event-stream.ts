// Reads server-sent events as they come (WHATWG HTML, section 9.2), without coming back by itself.
import { request } from 'undici';
import type { Job } from '../src/schemas/job.ts';
import type { TestApi } from './app.ts';
import { eventually } from './eventually.ts';

export interface SeenEvent {
  id: string;
  event: string;
  data: Job;
}

export interface EventStream {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** What has come so far. */
  text(): string;
  events(): SeenEvent[];
  /** Resolves when the server has ended the stream; rejects when it broke off. */
  ended: Promise<void>;
  hangUp(): void;
}

export async function openStream(
  api: Pick<TestApi, 'origin' | 'key' | 'contract'>,
  path: string,
  { lastEventId, key = api.key }: { lastEventId?: string | undefined; key?: string } = {},
): Promise<EventStream> {
  const leave = new AbortController();
  const { statusCode, headers, body } = await request(`${api.origin}${path}`, {
    headers: { 'x-api-key': key, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    signal: leave.signal,
  });
  let text = '';
  const read = async () => {
    for await (const chunk of body) text += (chunk as Buffer).toString();
    const contentType = String(headers['content-type'] ?? '');
    api.contract({ method: 'GET', path, status: statusCode, contentType, body: Buffer.from(text) });
  };
  const ended = read();
  // Whoever hangs up does not look.
  ended.catch(() => undefined);
  return {
    ...{ status: statusCode, headers, ended },
    text: () => text,
    events: () => parse(text),
    hangUp: () => leave.abort(),
  };
}

/** Waits until that many events have come. */
export function arrived(stream: EventStream, count: number): Promise<SeenEvent[]> {
  return eventually(stream.events, ({ length }) => length >= count);
}

/** Whole events with data; comments and `retry` are for clients alone. */
function parse(text: string): SeenEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s))))
    .filter(({ data }) => data !== undefined)
    .map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) }));
}
