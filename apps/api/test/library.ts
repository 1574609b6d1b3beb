// Images with facts of one's choosing, and pages of the library: for tests about finding them.
import type { Image } from '../src/schemas/image.ts';
import type { Job } from '../src/schemas/job.ts';
import type { TestApi } from './app.ts';
import { call, field, image, upload } from './client.ts';
import { finish } from './worker.ts';

/** Columns of the image, as a worker would have found them. */
export type Facts = Record<string, unknown>;

interface Wanted {
  title?: string;
  tags?: string[];
  /** Whose it is. Default: the key that works. */
  key?: string;
  facts?: Facts;
}

export interface Page {
  items: Image[];
  nextCursor: string | null;
  links: { next?: string };
}

/** A finished image; answers its id. */
export async function addImage(
  api: TestApi,
  { title, tags = [], key = api.key, facts = {} }: Wanted = {},
): Promise<string> {
  const said = [...(title === undefined ? [] : [field('title', title)]), field('tags', JSON.stringify(tags))];
  const answer = await upload(api, [image(), ...said], { key });
  const job = answer.json<Job>();
  await finish(api, job);
  const columns = Object.keys(facts).map((name, index) => `${name} = $${index + 2}`);
  if (columns.length > 0)
    await api.rows(`UPDATE images SET ${columns.join(', ')} WHERE id = $1`, [
      job.imageId,
      ...Object.values(facts),
    ]);
  return job.imageId;
}

export async function readPages(api: TestApi, first: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (let next: string | undefined = first; next !== undefined; next = pages.at(-1)?.links.next) {
    const answer = await call(api, next);
    if (answer.status !== 200) throw new Error(`${next} answered ${answer.status}: ${answer.body}`);
    pages.push(answer.json<Page>());
  }
  return pages;
}

export const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id);
