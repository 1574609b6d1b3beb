// What receivers of webhooks are sent, for the description of the API: Standard Webhooks 1.0.
import { EVENT_TYPES } from '@tintype/prisma';

const WHEN: Record<string, string> = {
  'job.completed': 'A job has ended, and all that the image says is known.',
  'job.failed': 'A job has ended without success; its error says why.',
  'job.canceled': 'A job was called off.',
  'image.deleted': 'An image is gone.',
  ping: 'You asked for a try.',
};

const header = (name: string, description: string) => ({
  ...{ name, in: 'header' as const, required: true, description },
  schema: { type: 'string' as const },
});

const parameters = [
  header('webhook-id', 'The id of the event: the same however often it is sent. Drop doubles by it.'),
  header(
    'webhook-timestamp',
    'When it is sent, in seconds since 1970. Refuse what is older than some minutes.',
  ),
  header(
    'webhook-signature',
    '`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; several, separated by spaces, while a secret is being rotated: one that matches is enough.',
  ),
];

const responses = {
  '2XX': { description: 'It has arrived. Say so within 15 seconds, and work on it later.' },
  '410': { description: 'Never again: the endpoint is disabled.' },
  default: { description: 'It is sent again later; Retry-After is respected. Redirects are not followed.' },
};

/** Delivered at least once, in no promised order. */
export const WEBHOOKS = Object.fromEntries(
  [...EVENT_TYPES, 'ping'].map((type) => [
    type,
    {
      post: {
        tags: ['webhooks'],
        operationId: `on${type.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
        summary: WHEN[type] ?? type,
        description: 'Sent at least once, in no promised order.',
        parameters,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/WebhookPayload' } } },
        },
        responses,
      },
    },
  ]),
);
