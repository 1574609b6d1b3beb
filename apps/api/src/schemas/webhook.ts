// Webhook endpoints and deliveries as their owner sees them.
import {
  DELIVERY_STATUSES,
  EVENT_TYPES,
  type EventType,
  type WebhookAttemptRow,
  type WebhookDeliveryRow,
  type WebhookEndpointRow,
} from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Id, Nullable, Time } from './types.ts';

const eventTypes = Type.Array(Type.Enum([...EVENT_TYPES]), {
  uniqueItems: true,
  description: 'What it wants to hear of; empty: everything.',
});

const asked = {
  url: Type.String({
    minLength: 1,
    maxLength: 2048,
    description: 'Where events are POSTed: http or https, a public address, port 80, 443, 8080 or 8443.',
  }),
  events: eventTypes,
  // Not a union: its first branch would turn null into text.
  description: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    maxLength: 500,
    pattern: '^[^\\p{Cc}\\p{Cs}]*$',
    description: 'For yourself; one line.',
  }),
};

export const NewWebhookEndpoint = Type.Object(
  {
    url: asked.url,
    events: Type.Optional(asked.events),
    description: Type.Optional(asked.description),
  },
  { additionalProperties: false },
);

export const WebhookEndpointChange = Type.Object(
  {
    url: Type.Optional(asked.url),
    events: Type.Optional(asked.events),
    description: Type.Optional(asked.description),
    enabled: Type.Optional(
      Type.Boolean({ description: 'true also forgets its failures; false stops deliveries to it.' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const SecretRotation = Type.Union(
  [
    Type.Object(
      {
        overlapHours: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 168,
            description: 'How long the old secret signs beside the new one; 24 where this is left out.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    Type.Null(),
  ],
  { description: 'May be left out as a whole.' },
);

const secret = Type.String({
  description:
    'Shown this once. `whsec_` and base64: give it to a Standard Webhooks library to verify signatures.',
});
const previousSecretUntil = Nullable(Time('Until when the secret before this one signs too.'));

const endpoint = {
  id: Id('Names the endpoint.'),
  url: Type.String(),
  events: eventTypes,
  description: Nullable(Type.String()),
  enabled: Type.Boolean(),
  disabledReason: Nullable(
    Type.String({
      description: 'owner: you did; gone: it answered 410; failing: nothing but failures for days.',
    }),
  ),
  disabledAt: Nullable(Time('Since when it is disabled.')),
  failingSince: Nullable(Time('The first failure since its last success.')),
  previousSecretUntil,
  createdAt: Time('When it was made.'),
  links: Type.Object({ self: Type.String(), deliveries: Type.String() }),
};

export const WebhookEndpoint = Type.Object(endpoint, { $id: 'WebhookEndpoint' });
export const WebhookEndpointWithSecret = Type.Object(
  { ...endpoint, secret },
  { $id: 'WebhookEndpointWithSecret', description: 'An endpoint whose secret is new.' },
);
export const WebhookEndpointList = Type.Object(
  { items: Type.Array(Type.Ref('WebhookEndpoint#'), { description: 'All of them, oldest first.' }) },
  { $id: 'WebhookEndpointList' },
);
export const WebhookSecret = Type.Object({ secret, previousSecretUntil }, { $id: 'WebhookSecret' });

export const DeliveryStatus = Type.Enum([...DELIVERY_STATUSES], {
  description:
    'pending → sending → delivered, or pending again after a failure; dead: given up; canceled: its endpoint was deleted.',
});

const delivery = {
  id: Id('Names the delivery.'),
  endpointId: Nullable(Id('The endpoint; null for the `webhookUrl` of a job.')),
  url: Type.String(),
  eventId: Id('The event; also sent as `webhook-id`.'),
  eventType: Type.String(),
  jobId: Nullable(Id('The job that the event speaks of.')),
  status: DeliveryStatus,
  attempt: Type.Integer({ description: 'How often it has been sent.' }),
  nextAttemptAt: Nullable(Time('When it is sent next; null once it has ended.')),
  lastStatus: Nullable(Type.Integer({ description: 'The HTTP status of the last answer.' })),
  lastError: Nullable(Type.String({ description: 'Why the last try failed.' })),
  createdAt: Time('When it was made.'),
  finishedAt: Nullable(Time('When it ended, for better or worse.')),
  links: Type.Object({ self: Type.String() }),
};

export const WebhookDelivery = Type.Object(delivery, { $id: 'WebhookDelivery' });
export const WebhookDeliveryPage = Type.Object(
  {
    items: Type.Array(Type.Ref('WebhookDelivery#'), { description: 'Newest first.' }),
    nextCursor: Nullable(Type.String()),
    links: Type.Object({ next: Type.Optional(Type.String()) }),
  },
  { $id: 'WebhookDeliveryPage' },
);
export const WebhookDeliveryWithAttempts = Type.Object(
  {
    ...delivery,
    payload: Type.Ref('WebhookPayload#'),
    attempts: Type.Array(
      Type.Object({
        attempt: Type.Integer(),
        at: Time('When it ended.'),
        durationMs: Type.Number({ description: 'Until the answer, or until it was given up.' }),
        status: Nullable(Type.Integer({ description: 'Of the answer; null when there was none.' })),
        error: Nullable(Type.String({ description: 'Why it counts as failed.' })),
        answer: Nullable(Type.String({ description: 'The first kilobyte of the answer.' })),
      }),
      { description: 'Oldest first.' },
    ),
  },
  { $id: 'WebhookDeliveryWithAttempts', description: 'A delivery with its payload and every attempt.' },
);

export const WEBHOOK_SCHEMAS = [
  WebhookEndpoint,
  WebhookEndpointWithSecret,
  WebhookEndpointList,
  WebhookSecret,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryWithAttempts,
];

export type WebhookEndpoint = Static<typeof WebhookEndpoint>;
export type WebhookEndpointWithSecret = Static<typeof WebhookEndpointWithSecret>;
export type WebhookDelivery = Static<typeof WebhookDelivery>;
export type WebhookDeliveryWithAttempts = Static<typeof WebhookDeliveryWithAttempts>;

export function presentWebhookEndpoint(row: WebhookEndpointRow): WebhookEndpoint {
  const self = `/v1/webhook-endpoints/${row.id}`;
  return {
    id: row.id,
    url: row.url,
    events: row.events as EventType[],
    description: row.description,
    enabled: row.enabled,
    disabledReason: row.disabledReason,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    failingSince: row.failingSince?.toISOString() ?? null,
    previousSecretUntil: row.previousSecretUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    links: { self, deliveries: `/v1/webhook-deliveries?endpointId=${row.id}` },
  };
}

export function presentWebhookDelivery(row: WebhookDeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    endpointId: row.endpointId,
    url: row.url,
    eventId: row.eventId,
    eventType: row.eventType,
    jobId: row.jobId,
    status: row.status,
    attempt: row.attempt,
    nextAttemptAt: row.status === 'pending' ? row.runAfter.toISOString() : null,
    lastStatus: row.lastStatus,
    lastError: row.lastError,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    links: { self: `/v1/webhook-deliveries/${row.id}` },
  };
}

export function presentWebhookDeliveryWithAttempts(
  row: WebhookDeliveryRow & { attempts: WebhookAttemptRow[] },
): WebhookDeliveryWithAttempts {
  return {
    ...presentWebhookDelivery(row),
    payload: row.payload,
    attempts: row.attempts.map(({ attempt, at, durationMs, status, error, answer }) => ({
      ...{ attempt, at: at.toISOString(), durationMs, status, error, answer },
    })),
  };
}
