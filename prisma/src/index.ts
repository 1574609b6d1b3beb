// The one door to PostgreSQL.
//
//   upload      an object that is being stored and is no image yet
//   image       one accepted file and its metadata
//   job         the work on one image: queued → processing → completed | failed | canceled
//   attempt     counts claims of a job and fences every write of a worker
//   lease       until when a worker may believe that a job is its own
//   nudge       a hint in the queue that a job waits; generation tells one hint from the next
//   run         a pass over images that exist, to describe them anew
//   event       what happened to a job or an image, in order
//   endpoint    an address that wants to hear of events
//   delivery    one event on its way to one address
//   hold        an Idempotency-Key that a request has taken
export { makeApiKey, type NewApiKey, parseApiKey, secretMatches } from './api-key-secret.ts';
export type { ApiKeyRow } from './api-keys.ts';
export type { ConnectOptions } from './client.ts';
export { type Database, openDatabase } from './database.ts';
export { isDatabaseUnavailable, isDataError } from './errors.ts';
export { EVENT_TYPES, type EventRow, type EventType } from './events.ts';
export type { Image } from './generated/client.ts';
export { type DatabaseHealth, watchDatabase } from './health.ts';
export { firstIdAt, newId } from './id.ts';
export type { BegunRequest, KeyHold, StoredAnswer } from './idempotency.ts';
export {
  type ImageSummaryRow,
  JOB_STATUSES,
  type JobQuery,
  type JobRow,
  type JobStatus,
  type RetryFilter,
} from './jobs.ts';
export { type FinishedJobs, listenForFinishedJobs } from './listen.ts';
export { MIGRATIONS_FOLDER, migrate } from './migrate.ts';
export type { Nudge } from './reconcile.ts';
export type { ReprocessFilter, ReprocessProgress } from './reprocess.ts';
export type { RequestLogRow } from './request-logs.ts';
export type { ClaimedDelivery, DeliveryTry } from './sending.ts';
export type { Acceptance, AcceptedImage, AnsweredKey, FetchedImage, UploadRow } from './uploads.ts';
export {
  DELIVERY_STATUSES,
  type DeliveryQuery,
  type DeliveryStatus,
  type NudgedDelivery,
  type WebhookAttemptRow,
  type WebhookDeliveryRow,
} from './webhook-deliveries.ts';
export type { WebhookEndpointRow } from './webhook-endpoints.ts';
export { makeWebhookSecret } from './webhook-secret.ts';
export type { ClaimedJob, CompletedJob, FailedJob, FetchedFile, StoredFile } from './work.ts';
