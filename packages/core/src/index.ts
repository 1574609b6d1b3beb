// The contract between api and worker, and nothing else.
//
//   nudge          a hint in the queue that a job waits; may be lost
//   object         bytes under a key; a key begins with its tenant
//   original       the object as it was uploaded
//   AppError       an error whose code and message a caller may see
//   setting        one environment variable: name, unit, default, sentence

export { connectionSettings } from './connections.ts';
export * from './contract.ts';
export { type DerivativeSource, derivativeDigest } from './derivative-digest.ts';
export { describeStored, type StoredBytes } from './describe-stored.ts';
export {
  ConfigError,
  choice,
  describeSettings,
  type Environment,
  integer,
  list,
  networks,
  readEnvironment,
  type Setting,
  type Settings,
  text,
  url,
} from './env.ts';
export { faultOfFilesPrefix } from './files-prefix.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogOptions, loggerOptions } from './logger.ts';
export {
  MAINTENANCE_QUEUE,
  type Maintenance,
  type MaintenanceTask,
  openMaintenance,
} from './maintenance.ts';
export { JobOptions, Metadata, ON_DUPLICATE, type OnDuplicate, PROFILES } from './metadata/document.ts';
export {
  derivedKey,
  fetchedKey,
  filesPrefix,
  incomingKey,
  isOriginalKey,
  isOwnKey,
  originalKey,
} from './object-keys.ts';
export {
  type ByteRange,
  type Chunks,
  OBJECT_STORE_PROTOCOLS,
  type ObjectHead,
  type ObjectStore,
  type OpenedObject,
  openObjectStore,
  type PresignedPut,
  type StoredObject,
} from './object-store.ts';
export { checkUrl, type OutgoingRules } from './outgoing/check-url.ts';
export { createOutgoingAgent, type OutgoingAgentOptions } from './outgoing/outgoing-agent.ts';
export {
  hashPassword,
  isPasswordHashStale,
  MIN_PASSWORD_MEMORY_KIB,
  makePassword,
  type PasswordOptions,
  verifyPassword,
} from './passwords.ts';
export { type BoardServer, openQueueBoard, type QueueBoard } from './queue-board.ts';
export { migrateQueue, QUEUE_PROTOCOLS } from './queue-connection.ts';
export {
  type Nudge,
  type NudgeReceiver,
  type NudgeSender,
  openNudgeReceiver,
  openNudgeSender,
  QUEUES,
  type QueueName,
  type ReceiverOptions,
} from './queues.ts';
export { openRedisWindows, type RedisAnswer, type RedisWindow, type RedisWindows } from './redis-windows.ts';
export {
  type Address,
  readSignature,
  type SignatureVerdict,
  type SigningKey,
  signAddress,
  verifyAddress,
} from './signed-address.ts';
export { createSlots, type Slots } from './slots.ts';
export { storePrefix } from './store-address.ts';
export {
  discardUpload,
  type StoredUpload,
  storeUpload,
  tooLarge,
  type Upload,
  type UploadDeps,
} from './store-upload.ts';
export {
  NO_TELEMETRY,
  type Span,
  type SpanAttributes,
  type SpanKind,
  startTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from './telemetry.ts';
export {
  type Accepted,
  type CanonicalTransform,
  FITS,
  GRAVITIES,
  MAX_SIDE,
  OUTPUT_FORMATS,
  type OutputFormat,
  Presets,
  Transform,
} from './transform.ts';
export { canonicalTransform } from './transform-canonical.ts';
