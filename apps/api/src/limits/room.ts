// Whether there is room in a principal's plan for what it wants to store and have done.
import { AppError, originalKey } from '@tintype/core';
import { type Admission, newId, type RoomLimits, type TenantDatabase } from '@tintype/prisma';
import type { Principal } from '../principal.ts';

type Own = Pick<TenantDatabase, 'tenantId' | 'admissions' | 'uploads'>;

/** Of the tenant's plan and of the key's own, which both are about all that the tenant has. Undefined: there is no limit. */
export function roomLimitsOf({
  limits,
  keyLimits,
}: Pick<Principal, 'limits' | 'keyLimits'>): RoomLimits | undefined {
  const least = (name: keyof RoomLimits) => {
    const limit = Math.min(limits[name] ?? Infinity, keyLimits?.[name] ?? Infinity);
    return limit === Infinity ? null : limit;
  };
  const room = { storedBytes: least('storedBytes'), concurrentJobs: least('concurrentJobs') };
  return room.storedBytes === null && room.concurrentJobs === null ? undefined : room;
}

/**
 * Says no early, before a body is read. Who passes may be refused later all the same.
 * @throws AppError STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS
 */
export async function refuseWhenFull(room: RoomLimits | undefined, { admissions }: Own): Promise<void> {
  if (room === undefined) return;
  const held = await admissions.held();
  if (room.storedBytes !== null && held.bytes >= room.storedBytes) refuse('storage');
  if (room.concurrentJobs !== null && held.jobs >= room.concurrentJobs) refuse('jobs');
}

/**
 * The upload has room until it is an image or abandoned. With an `objectKey` it is one without bytes, which begins with this.
 * @throws AppError STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS, UPLOAD_EXPIRED
 */
export async function admitUpload(
  room: RoomLimits | undefined,
  upload: { uploadId: string; bytes: number; objectKey?: string; jobs?: number },
  { admissions }: Own,
): Promise<void> {
  if (room === undefined) return;
  refuse(await admissions.admit({ ...upload, limits: room }));
}

/**
 * Runs `make`, which makes at most so many jobs: those that were wanted, or as many as there is room for.
 * @throws AppError TOO_MANY_JOBS where there is room for none
 */
export async function withRoomForJobs<Result>(
  room: RoomLimits | undefined,
  wanted: number,
  own: Own,
  make: (most: number) => Promise<Result>,
): Promise<Result> {
  const concurrentJobs = room?.concurrentJobs ?? null;
  if (concurrentJobs === null) return make(wanted);
  const { jobs: held } = await own.admissions.held();
  const jobs = Math.max(1, Math.min(wanted, concurrentJobs - held));
  const uploadId = newId();
  // An upload that never comes keeps the room, and is swept should this process end meanwhile.
  const objectKey = originalKey(own.tenantId, uploadId);
  const limits = { storedBytes: null, concurrentJobs };
  refuse(await own.admissions.admit({ uploadId, objectKey, bytes: 0, jobs, limits }));
  try {
    return await make(jobs);
  } finally {
    await own.uploads.abandon(uploadId).catch(() => undefined);
  }
}

function refuse(admission: Admission): void {
  if (admission === 'storage') throw new AppError('STORAGE_QUOTA_EXCEEDED');
  if (admission === 'jobs') throw new AppError('TOO_MANY_JOBS');
  if (admission === 'expired') throw new AppError('UPLOAD_EXPIRED');
}
