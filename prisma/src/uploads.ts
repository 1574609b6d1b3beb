// The door's two writes: an upload begins, an upload becomes an image with its job. Both are batched.
import { type AcceptedRow, acceptUploads, acceptUrls } from './accept.ts';
import { type Batch, createBatch } from './batch.ts';
import { type ContentQuery, createContents } from './contents.ts';
import { createDirectUploads } from './direct-uploads.ts';
import { isDatabaseSilent, isDataError, isPathTaken } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';

export interface UploadRow {
  /** The image's id-to-be. */
  id: string;
  tenantId: string;
  objectKey: string;
}

export interface AcceptedImage {
  imageId: string;
  jobId: string;
  tenantId: string;
  bytes: number;
  sha256Hex: string;
  fileName: string | null;
  declaredMimeType: string | null;
  format: string;
  title: string | null;
  tags: string[];
  /** {profile, pixels, stats, derivatives, …} as the client wants them; what is missing is as configured. */
  options: object;
  /** Where /v1/files delivers it. No other image of the tenant has it. */
  path: string | null;
  /** Anybody may have its named derivatives. */
  isPublic: boolean;
  requestId: string;
  webhookUrl: string | null;
  traceparent: string | null;
  /** The upload past the API that is taken in by this: it becomes one image alone. */
  promiseId?: string;
  /** SHA-256 of bytes and wishes: an image with the same one answers instead. Null makes a new image in any case. */
  contentDigestHex: string | null;
  /** The Idempotency-Key of the request. The same statement answers it: 202, no headers, {id, imageId, createdAt}. */
  idempotency: AnsweredKey | null;
}

/** A key that is held, and what was asked under it. */
export interface AnsweredKey {
  key: string;
  owner: string;
  fingerprintHex: string;
}

/** An image that a worker is to fetch. */
export type FetchedImage = Omit<
  AcceptedImage,
  'bytes' | 'sha256Hex' | 'format' | 'fileName' | 'declaredMimeType' | 'contentDigestHex' | 'promiseId'
> & { sourceUrl: string; objectKey: string };

/**
 * `expired`: the upload was swept or taken in meanwhile. `key-lost`: another request has taken the Idempotency-Key over. `path-taken`:
 * another image of the tenant has the path.
 */
export type Acceptance =
  | { outcome: 'accepted'; createdAt: Date }
  | { outcome: 'duplicate'; jobId: string; imageId: string }
  | { outcome: 'expired' }
  | { outcome: 'key-lost' }
  | { outcome: 'path-taken' };

export interface Uploads {
  /** Remembers an object before its first byte is stored, so that a crash leaves nothing unknown behind. */
  begin(row: UploadRow): Promise<void>;
  /** In one transaction the upload becomes image, job (queued) and event, and its Idempotency-Key is answered. Resolves after COMMIT. */
  accept(image: AcceptedImage): Promise<Acceptance>;
  /** The same for an image that is still to be fetched. */
  acceptUrl(image: FetchedImage): Promise<Exclude<Acceptance, { outcome: 'duplicate' | 'expired' }>>;
  /** Forgets an upload whose object is gone. */
  abandon(tenantId: string, id: string): Promise<void>;
  idle(): Promise<void>;
}

/** Each turn but the last is lost to somebody who came at the same moment. */
const MOST_TURNS = 10;

export function createUploads(prisma: PrismaClient): Uploads {
  const begins: Batch<UploadRow, void> = createBatch({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (rows) => {
      await prisma.$executeRaw`
        INSERT INTO uploads (id, tenant_id, object_key)
        SELECT id, "tenantId", "objectKey"
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, "tenantId" uuid, "objectKey" text)`;
      return rows.map(() => undefined);
    },
  });

  const accepts = createAccepts<AcceptedImage>((images) => acceptUploads(prisma, images));
  const urls = createAccepts<FetchedImage>((images) => acceptUrls(prisma, images));
  const contents = createContents(prisma);
  const directUploads = createDirectUploads(prisma);

  /** Who has the content already; undefined where nobody has any more, and it is worth a try again. */
  async function findDuplicate(content: ContentQuery): Promise<Acceptance | undefined> {
    const { waiting, usable, imageId, jobId } = await contents.find(content);
    if (usable && imageId !== null && jobId !== null) return { outcome: 'duplicate', imageId, jobId };
    if (!waiting) return { outcome: 'expired' };
    if (imageId !== null) await contents.forget({ ...content, knownImageId: imageId });
    return undefined;
  }

  async function accept(image: AcceptedImage): Promise<Acceptance> {
    const { tenantId, imageId, contentDigestHex, promiseId } = image;
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const answer = await accepts.add(image);
      if (answer !== 'not-written') return answer;
      if (contentDigestHex === null) return { outcome: 'expired' };
      const duplicate = await findDuplicate({ tenantId, imageId, contentDigestHex });
      if (duplicate !== undefined) return duplicate;
      if (promiseId !== undefined && (await directUploads.find(tenantId, promiseId)) === undefined)
        return { outcome: 'expired' };
    }
    throw new Error(`Image ${imageId} found its content taken and left again ${MOST_TURNS} times.`);
  }

  return {
    begin: begins.add,
    accept,
    acceptUrl: async (image) => {
      const answer = await urls.add(image);
      if (answer === 'not-written') throw new Error(`Image ${image.imageId} was not written.`);
      return answer;
    },
    abandon: async (tenantId, id) => {
      await prisma.$executeRaw`DELETE FROM uploads WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid`;
    },
    idle: async () => {
      await Promise.all([begins.idle(), accepts.idle(), urls.idle(), contents.idle()]);
    },
  };
}

type Written = Extract<Acceptance, { outcome: 'accepted' | 'key-lost' | 'path-taken' }> | 'not-written';

function createAccepts<Item extends { jobId: string }>(
  write: (items: Item[]) => Promise<AcceptedRow[]>,
): { add(item: Item): Promise<Written>; idle(): Promise<void> } {
  const accepts: Batch<Item, Written> = createBatch({
    isItemError: isDataError,
    isStall: isDatabaseSilent,
    flush: async (items) => {
      const rows = await write(items);
      const byJob = new Map(rows.map((row) => [row.id, row]));
      return items.map(({ jobId }) => readRow(byJob.get(jobId)));
    },
  });
  return {
    add: (item) => accepts.add(item).catch(pathTakenMeanwhile),
    idle: accepts.idle,
  };
}

function readRow(row: AcceptedRow | undefined): Written {
  if (row === undefined) return 'not-written';
  if (row.isPathTaken) return { outcome: 'path-taken' };
  return row.createdAt === null ? { outcome: 'key-lost' } : { outcome: 'accepted', createdAt: row.createdAt };
}

function pathTakenMeanwhile(error: unknown): Written {
  if (isPathTaken(error)) return { outcome: 'path-taken' };
  throw error;
}
