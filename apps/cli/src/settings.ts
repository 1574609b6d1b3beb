// The part of the environment that each command reads.
import {
  connectionSettings,
  integer,
  MIN_PASSWORD_MEMORY_KIB,
  type PasswordOptions,
  readEnvironment,
  text,
  url,
} from '@tintype/core';
import type { Administrator } from '@tintype/prisma';

const { databaseUrl, queueUrl } = connectionSettings;

export function readDatabaseUrl(): string {
  return readEnvironment({ databaseUrl }, process.env).databaseUrl;
}

/** Without QUEUE_URL there is no queue to prepare. */
export function readQueueUrl(): string | undefined {
  return process.env.QUEUE_URL ? readEnvironment({ queueUrl }, process.env).queueUrl : undefined;
}

const administrator = {
  url: url('ADMIN_DATABASE_URL', {
    about: 'The server of DATABASE_URL, for who makes databases there: postgres://host:5432/postgres',
    protocols: ['postgres:', 'postgresql:'],
  }),
  user: text('ADMIN_DATABASE_USER', { about: 'Who may make roles and databases.' }),
  password: text('ADMIN_DATABASE_PASSWORD', { about: 'His password.' }),
};

export function readAdministrator(): Administrator {
  return readEnvironment(administrator, process.env);
}

/** As the api reads it. */
export function readDefaultPlan(): string {
  const defaultPlan = text('DEFAULT_PLAN', { about: 'The plan of those who register.', fallback: 'free' });
  return readEnvironment({ defaultPlan }, process.env).defaultPlan;
}

/** As the api reads it. */
export function readPasswordOptions(): PasswordOptions {
  const memoryKib = integer('PASSWORD_MEMORY_KIB', {
    about: 'Memory that hashing one password takes (argon2id), in KiB.',
    fallback: MIN_PASSWORD_MEMORY_KIB,
    min: MIN_PASSWORD_MEMORY_KIB,
    max: 4_194_304,
  });
  return readEnvironment({ memoryKib }, process.env);
}
