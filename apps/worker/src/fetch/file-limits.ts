// What the service, and a tenant's plan, allow of a file that is fetched. Its job was admitted when it was accepted. The plan of the key
// that asked for it is not known any more.
import { AppError, tooLarge } from '@tintype/core';
import type { TenantDatabase } from '@tintype/prisma';

export interface FileLimits {
  maxBytes: number;
  /** Names whose limit it was, where an error says that the file is too large. */
  explain(error: unknown): unknown;
  /**
   * The upload has room until it is the image's.
   * @throws AppError STORAGE_QUOTA_EXCEEDED
   */
  admit(uploadId: string, bytes: number): Promise<void>;
}

export async function readFileLimits(
  admissions: TenantDatabase['admissions'],
  { maxFetchBytes }: { maxFetchBytes: number },
): Promise<FileLimits> {
  const plan = await admissions.limitsOf();
  const { uploadBytes = null, storedBytes = null } = plan?.limits ?? {};
  const ofPlan = uploadBytes ?? Infinity;
  const isTooLarge = (error: unknown) => error instanceof AppError && error.code === 'IMAGE_TOO_LARGE';
  return {
    maxBytes: Math.min(ofPlan, maxFetchBytes),
    explain: (error) => (isTooLarge(error) && ofPlan < maxFetchBytes ? tooLarge(ofPlan, 'plan') : error),
    admit: async (uploadId, bytes) => {
      if (storedBytes === null) return;
      const limits = { storedBytes, concurrentJobs: null };
      const admission = await admissions.admit({ uploadId, bytes, jobs: 0, limits });
      if (admission === 'storage') throw new AppError('STORAGE_QUOTA_EXCEEDED');
    },
  };
}
