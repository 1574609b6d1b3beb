// The contract between api and worker, and nothing else.
//
//   nudge          a hint in the queue that a job waits; may be lost
//   object         bytes under a key; a key begins with its tenant
//   original       the object as it was uploaded
//   AppError       an error whose code and message a caller may see
//   setting        one environment variable: name, unit, default, sentence

export { connectionSettings } from './connections.ts';
export * from './contract.ts';
export {
  ConfigError,
  choice,
  describeSettings,
  type Environment,
  integer,
  list,
  readEnvironment,
  type Setting,
  type Settings,
  text,
  url,
} from './env.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogOptions, loggerOptions } from './logger.ts';
export { JobOptions, Metadata, PROFILES } from './metadata/document.ts';
export { originalKey } from './object-keys.ts';
export {
  type ByteRange,
  type Chunks,
  OBJECT_STORE_PROTOCOLS,
  type ObjectStore,
  type OpenedObject,
  openObjectStore,
} from './object-store.ts';
export { migrateQueue, QUEUE_PROTOCOLS } from './queue-connection.ts';
export {
  type Nudge,
  type NudgeReceiver,
  type NudgeSender,
  openNudgeReceiver,
  openNudgeSender,
  type ReceiverOptions,
} from './queues.ts';
export { createSlots, type Slots } from './slots.ts';
