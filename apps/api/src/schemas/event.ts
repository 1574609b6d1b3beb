// Events as the feed tells them: the same type, timestamp and data that webhooks send.
import { EVENT_TYPES, type EventRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { JobStatus } from './job.ts';
import { Id, Nullable, Time } from './types.ts';

export const EventType = Type.Enum([...EVENT_TYPES]);

const count = (description: string) => Nullable(Type.Integer({ description }));

export const EventData = Type.Object(
  {
    job: Type.Optional(
      Type.Object({
        id: Id('The job.'),
        status: JobStatus,
        attempt: Type.Integer(),
        imageId: Id('The image it worked on.'),
        createdAt: Time('When it was accepted.'),
        startedAt: Type.Optional(Time('When the last attempt began.')),
        finishedAt: Type.Optional(Time('When it ended.')),
        error: Type.Optional(
          Type.Object({ code: Type.String(), message: Type.String(), retryable: Type.Boolean() }),
        ),
        links: Type.Object({ self: Type.String(), image: Type.String() }),
      }),
    ),
    image: Type.Optional(
      Type.Object({
        id: Id('The image.'),
        title: Nullable(Type.String()),
        tags: Type.Array(Type.String()),
        fileName: Nullable(Type.String()),
        bytes: count('Size of the file.'),
        sha256: Nullable(Type.String()),
        format: Nullable(Type.String()),
        width: count('As displayed, pixels.'),
        height: count('As displayed, pixels.'),
        createdAt: Time('When it was accepted.'),
      }),
    ),
    endpointId: Type.Optional(Id('Of a ping alone: the endpoint.')),
  },
  {
    $id: 'EventData',
    description:
      'Of a job event the job, of a completed one its image too, of image.deleted the image; as they were then. The metadata is not among it: ask for it by `links`.',
  },
);

const told = {
  timestamp: Time('When it happened.'),
  data: Type.Ref('EventData#'),
};

export const Event = Type.Object(
  {
    id: Id('Names the event everywhere: also the `webhook-id` of its deliveries.'),
    type: EventType,
    ...told,
  },
  { $id: 'Event' },
);

export const WebhookPayload = Type.Object(
  { type: Type.Enum([...EVENT_TYPES, 'ping']), ...told },
  { $id: 'WebhookPayload', description: 'The body that is POSTed.' },
);

export const EventPage = Type.Object(
  {
    items: Type.Array(Type.Ref('Event#'), { description: 'Oldest first.' }),
    nextCursor: Type.String({
      description: 'The `after` of the next request; always there, also when there are no items.',
    }),
    links: Type.Object({ next: Type.String() }),
  },
  { $id: 'EventPage' },
);

export const EVENT_SCHEMAS = [EventData, Event, EventPage, WebhookPayload];

export type EventData = Static<typeof EventData>;
export type Event = Omit<Static<typeof Event>, 'data'> & { data: EventData };
export type EventPage = Omit<Static<typeof EventPage>, 'items'> & { items: Event[] };

export function presentEvent({ id, type, createdAt, data }: EventRow): Event {
  return { id, type, timestamp: createdAt.toISOString(), data: data as EventData };
}
