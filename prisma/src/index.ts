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
//   tenant      who owns images, jobs and keys
//   user        a person, with a tenant of his own
//   principal   who a credential belongs to, and what he may do
//   plan        how much a tenant, or a key, may do
//   admission   the promise that there is room for an upload
//   derivative  what was made of an image, or of a file, by one transform: waiting → making → ready | failed
export type { Admission, AdmissionRequest, RoomLimits } from './admission.ts';
export { makeApiKey, type NewApiKey, parseApiKey, secretMatches } from './api-key-secret.ts';
export type { ApiKeyRow } from './api-keys.ts';
export type { ImageUpdate } from './change-image.ts';
export type { ConnectOptions } from './client.ts';
export { type Administrator, type CreatedDatabase, createDatabase } from './create-database.ts';
export { type Database, openDatabase } from './database.ts';
export type { DeliveryKeyRow, DeliveryOwner } from './delivery-keys.ts';
export {
  DERIVATIVE_STATUSES,
  type DerivativeRow,
  type DerivativeStatus,
  type MadeDerivative,
  type WantedDerivative,
} from './derivatives.ts';
export type { PromisedUpload } from './direct-uploads.ts';
export { isDatabaseUnavailable, isDataError, isPathTaken, isPlanGone } from './errors.ts';
export { EVENT_TYPES, type EventQuery, type EventRow, type EventType } from './events.ts';
export type { FilePlace } from './files.ts';
export type { ImagePage, ImageQuery, SimilarImage } from './find-images.ts';
export type {
  RequestLogCursor,
  RequestLogPage,
  RequestLogQuery,
  StoredRequestLog,
} from './find-request-logs.ts';
export { MAX_SIMILAR_DISTANCE } from './find-similar.ts';
export type { Image } from './generated/client.ts';
export { type DatabaseHealth, watchDatabase } from './health.ts';
export { firstIdAt, newId } from './id.ts';
export type { BegunRequest, KeyHold, StoredAnswer } from './idempotency.ts';
export type { ImageFilters } from './image-filters.ts';
export { IMAGE_SORTS, type ImageCursor, type ImageSort, isImageCursor } from './image-order.ts';
export {
  type ImageSummaryRow,
  JOB_STATUSES,
  type JobQuery,
  type JobRow,
  type JobStatus,
  type RetryFilter,
} from './jobs.ts';
export { type FinishedJobs, listenForFinishedJobs } from './listen.ts';
export type { ClaimedDerivative } from './making.ts';
export { MIGRATIONS_FOLDER, migrate } from './migrate.ts';
export { NO_LIMITS, type PlanLimits, type PlanRow } from './plans.ts';
export type { KeyOwner, Owner, SessionOwner } from './principals.ts';
export type { RateAnswer, RateWindow } from './rate-windows.ts';
export type { Nudge } from './reconcile.ts';
export type { ReprocessFilter, ReprocessProgress } from './reprocess.ts';
export type { RequestLogRow } from './request-logs.ts';
export { SCOPES, type Scope, USER_SCOPES } from './scopes.ts';
export type { ClaimedDelivery, DeliveryTry } from './sending.ts';
export type { TagRow } from './tags.ts';
export {
  bindTenants,
  type SharedCalls,
  sharedCalls,
  TENANT_PARTS,
  type TenantDatabase,
  type TenantParts,
} from './tenant.ts';
export type { Acceptance, AcceptedImage, AnsweredKey, FetchedImage, UploadRow } from './uploads.ts';
export { SESSION_PRINCIPAL, type UsageCount, type UsageDayRow, type UsageNow } from './usage.ts';
export type { NewUser, UserRow } from './users.ts';
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
export type {
  ClaimedJob,
  CompletedJob,
  CompletedOrDuplicate,
  DuplicateWishes,
  FailedJob,
  FetchedFile,
  RejectedJob,
  StoredFile,
} from './work.ts';
