// The part of the environment that each command reads.
import { connectionSettings, readEnvironment } from '@tintype/core';

const { databaseUrl, queueUrl } = connectionSettings;

export function readDatabaseUrl(): string {
  return readEnvironment({ databaseUrl }, process.env).databaseUrl;
}

/** Without QUEUE_URL there is no queue to prepare. */
export function readQueueUrl(): string | undefined {
  return process.env.QUEUE_URL ? readEnvironment({ queueUrl }, process.env).queueUrl : undefined;
}
