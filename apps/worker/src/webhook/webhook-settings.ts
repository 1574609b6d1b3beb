// The settings of webhooks: how they are sent, and when they are given up.
import { integer, list, type Setting } from '@tintype/core';

const DAY_SECONDS = 86_400;

export const webhookSettings = {
  webhookConcurrency: integer('WEBHOOK_CONCURRENCY', {
    about: 'Webhooks one worker sends at once.',
    fallback: 32,
    min: 1,
    max: 1000,
  }),
  webhookConcurrencyPerEndpoint: integer('WEBHOOK_CONCURRENCY_PER_ENDPOINT', {
    about: 'Of these, how many at most to one endpoint; to one that does not answer, one.',
    fallback: 8,
    min: 1,
    max: 1000,
  }),
  webhookTimeoutMs: integer('WEBHOOK_TIMEOUT_MS', {
    about:
      'How long a receiver may take to answer, from connecting to the end of its answer, in milliseconds.',
    fallback: 15_000,
    min: 100,
    max: 120_000,
  }),
  webhookRetrySeconds: seconds('WEBHOOK_RETRY_SECONDS', {
    about:
      'Pauses before a webhook that failed is sent again, in seconds, separated by commas; after the last it is dead. Each is up to a tenth shorter or longer.',
    fallback: '5,300,1800,7200,18000,36000,50400,72000,86400',
  }),
  webhookDisableAfterSeconds: integer('WEBHOOK_DISABLE_AFTER_SECONDS', {
    about: 'An endpoint that has only failed for so long is disabled, in seconds.',
    fallback: 5 * DAY_SECONDS,
    min: 1,
    max: 365 * DAY_SECONDS,
  }),
};

/** A list of whole numbers; may be empty. */
function seconds(name: string, describe: { about: string; fallback: string }): Setting<number[]> {
  const setting = list(name, describe);
  return {
    ...setting,
    parse: (value) => {
      const all = setting.parse(value);
      const wrong = all.find((one) => !/^\d{1,7}$/.test(one));
      if (wrong !== undefined) throw new Error(`must list whole seconds, and "${wrong}" is none`);
      return all.map(Number);
    },
  };
}
