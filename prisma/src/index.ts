// The one door to PostgreSQL.
//
//   upload      an object that is being stored and is no image yet
//   image       one accepted file and its metadata
//   job         the work on one image: queued → processing → completed | failed | canceled
//   attempt     counts claims of a job and fences every write of a worker
//   lease       until when a worker may believe that a job is its own
//   nudge       a hint in the queue that a job waits; generation tells one hint from the next
//   run         a pass over images that exist, to describe them anew
//   event       what happened to a job, in order
export { makeApiKey, type NewApiKey, parseApiKey, secretMatches } from './api-key-secret.ts';
export type { ApiKeyRow } from './api-keys.ts';
export type { ConnectOptions } from './client.ts';
export { type Database, openDatabase } from './database.ts';
export { isDatabaseUnavailable, isDataError } from './errors.ts';
export type { Image } from './generated/client.ts';
export { firstIdAt, newId } from './id.ts';
export { type ImageSummaryRow, JOB_STATUSES, type JobQuery, type JobRow, type JobStatus } from './jobs.ts';
export { type FinishedJobs, listenForFinishedJobs } from './listen.ts';
export { MIGRATIONS_FOLDER, migrate } from './migrate.ts';
export type { Nudge } from './reconcile.ts';
export type { ReprocessFilter, ReprocessProgress } from './reprocess.ts';
export type { RequestLogRow } from './request-logs.ts';
export type { AcceptedImage, UploadRow } from './uploads.ts';
export type { ClaimedJob, CompletedJob, FailedJob } from './work.ts';
