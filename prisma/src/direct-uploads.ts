// Uploads that go past the API: promised first, sent to the object store by the client, taken in later.
import type { PrismaClient } from './generated/client.ts';

export interface NewPromise {
  id: string;
  /** Where the client sends it. */
  objectKey: string;
  bytes: number;
  contentType: string;
  fileName: string | null;
  expiresAt: Date;
}

export interface PromisedUpload extends NewPromise {
  /** It has room in its tenant's plan. */
  isAdmitted: boolean;
}

export interface DirectUploads {
  /** A row of `uploads`: what never comes, or is never taken in, is swept like any other. */
  promise(tenantId: string, upload: NewPromise): Promise<void>;
  /** Undefined: there is none, it was taken in, or it is swept. One that has expired is answered all the same. */
  find(tenantId: string, id: string): Promise<PromisedUpload | undefined>;
}

export function createDirectUploads(prisma: PrismaClient): DirectUploads {
  return {
    promise: async (tenantId, { id, objectKey, bytes, contentType, fileName, expiresAt }) => {
      await prisma.$executeRaw`
        INSERT INTO uploads (id, tenant_id, object_key, promised_bytes, content_type, file_name, expires_at)
        VALUES (${id}::uuid, ${tenantId}::uuid, ${objectKey}, ${bytes}, ${contentType}, ${fileName}, ${expiresAt})`;
    },

    find: async (tenantId, id) => {
      const [row] = await prisma.$queryRaw<PromisedUpload[]>`
        SELECT id, object_key AS "objectKey", promised_bytes::float8 AS bytes, content_type AS "contentType", file_name AS "fileName",
          expires_at AS "expiresAt", admitted_bytes IS NOT NULL AS "isAdmitted"
        FROM uploads WHERE id = ${id}::uuid AND tenant_id = ${tenantId}::uuid AND promised_bytes IS NOT NULL AND swept_at IS NULL`;
      return row;
    },
  };
}
