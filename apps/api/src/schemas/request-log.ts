// Entries of the request log, and what may be asked of it.
import type { StoredRequestLog } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Id, Nullable, Time } from './types.ts';

export const RequestLogEntry = Type.Object(
  {
    id: Type.String({ description: 'Names the entry.' }),
    at: Time('When the request began.'),
    ip: Type.String({
      description:
        'The address it came from. After some days (REQUEST_LOG_FULL_IP_DAYS of the service) the network alone: 203.0.113.0/24, 2001:db8:7::/48.',
      examples: ['203.0.113.7'],
    }),
    method: Type.String({ examples: ['POST'] }),
    route: Type.String({ description: 'The pattern, not the path.', examples: ['/v1/images/:id'] }),
    status: Type.Integer({ description: '499: the client hung up before the answer.' }),
    durationMs: Type.Number({ description: 'Until the last byte of the answer.' }),
    bytes: Type.Integer({ description: 'Of the body, as announced; 0 where it was not.' }),
    principal: Nullable(
      Type.String({ description: 'The id of the key; of a person without a key, the id of the user.' }),
    ),
    tenantId: Nullable(Id('Whose it was.')),
    requestId: Type.String({ description: 'The X-Request-Id of the answer.' }),
  },
  { $id: 'RequestLogEntry' },
);

export const RequestLogPage = Type.Object(
  {
    items: Type.Array(Type.Ref('RequestLogEntry#'), { description: 'Newest first.' }),
    nextCursor: Nullable(Type.String({ description: 'Where the next page begins; null: there is none.' })),
    links: Type.Object({ next: Type.Optional(Type.String()) }),
  },
  { $id: 'RequestLogPage' },
);

export const REQUEST_LOG_SCHEMAS = [RequestLogEntry, RequestLogPage];

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const Text = (pattern: string, description: string) => Type.Optional(Type.String({ pattern, description }));

export const RequestLogFilter = Type.Object(
  {
    after: Type.Optional(Time('Begun then or later.')),
    before: Type.Optional(Time('Begun before.')),
    network: Text(
      '^[0-9A-Fa-f:.]{2,45}(/\\d{1,3})?$',
      'An address or a network: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. An entry that has its network alone is found by networks that hold all of it.',
    ),
    method: Text('^[A-Za-z-]{1,20}$', '`POST`, `PATCH`, `PUT` or `DELETE`.'),
    route: Text('^[ -~]{1,200}$', 'The pattern of the route, as entries show it: `/v1/images/:id`.'),
    status: Text('^[1-5](\\d\\d|[xX]{2})$', '`404`, or a class: `4xx`.'),
    principal: Text('^[\\w-]{1,64}$', 'The id of a key, or of a user.'),
    tenantId: Type.Optional(Id('Of one tenant.')),
    requestId: Text('^[\\w.:-]{1,64}$', 'The X-Request-Id of an answer.'),
    cursor: Text('^-?\\d{1,14}-\\d{1,19}$', '`nextCursor` of the page before.'),
    limit: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 50,
      description: 'Of one page. An export has all.',
    }),
    format: Type.Optional(
      Type.Enum(['json', ...EXPORT_FORMATS], {
        description: 'Goes before `Accept`. `json`: one page. `jsonl`, `csv`: all, as a file.',
      }),
    ),
  },
  // A filter with a typing error in its name would show everything.
  { additionalProperties: false },
);
export type RequestLogFilter = Static<typeof RequestLogFilter>;

export type RequestLogEntry = Static<typeof RequestLogEntry>;

/** The columns of an export, in their order. */
export const COLUMNS = Object.keys(RequestLogEntry.properties) as (keyof RequestLogEntry)[];

export function presentRequestLog({ id, at, ...row }: StoredRequestLog): RequestLogEntry {
  return { id: String(id), at: at.toISOString(), ...row };
}
