// API keys as their owner sees them: the key itself is in one answer alone.
import { type ApiKeyRow, SCOPES } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { PlanName } from './plan.ts';
import { Nullable, Time } from './types.ts';

const scopes = Type.Array(Type.Enum([...SCOPES]), {
  minItems: 1,
  uniqueItems: true,
  description:
    'What it may do. Left out: everything with what is yours. `admin`, for administrators alone, operates the service and may do everything else besides.',
});

export const ApiKeyId = Type.String({
  pattern: '^[0-9A-Za-z]{12}$',
  description: 'The part of a key between its underscores.',
});

export const NewApiKey = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^[^\\p{Cc}\\p{Cs}]*$',
      description: 'For yourself: where it is used.',
    }),
    scopes: Type.Optional(scopes),
    plan: Type.Optional(
      PlanName('The name of a plan that limits this key. That of the account holds beside it.'),
    ),
    expiresAt: Type.Optional(Time('It works until then; left out: until it is revoked.')),
  },
  { additionalProperties: false },
);

export const ApiKeyRotation = Type.Union(
  [
    Type.Object(
      {
        overlapSeconds: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 604_800,
            description:
              'How long the old key works beside the new one; 86400, a day, where this is left out.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    Type.Null(),
  ],
  { description: 'May be left out as a whole.' },
);

const apiKey = {
  id: Type.String({ description: 'Names the key; part of its text.' }),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  plan: Nullable(Type.String({ description: 'A plan of its own, beside that of the account.' })),
  status: Type.Enum(['live', 'expired', 'revoked']),
  createdAt: Time('When it was made.'),
  expiresAt: Nullable(Time('When it stops working.')),
  revokedAt: Nullable(Time('When it was revoked.')),
  lastUsedAt: Nullable(Time('When it was used last, to the minute.')),
  links: Type.Object({ self: Type.String() }),
};

export const ApiKey = Type.Object(apiKey, { $id: 'ApiKey' });
export const ApiKeyWithSecret = Type.Object(
  { ...apiKey, key: Type.String({ description: 'The whole key. Shown this once.' }) },
  { $id: 'ApiKeyWithSecret', description: 'A key that is new.' },
);
export const ApiKeyList = Type.Object(
  { items: Type.Array(Type.Ref('ApiKey#'), { description: 'Newest first.' }) },
  { $id: 'ApiKeyList' },
);

export const API_KEY_SCHEMAS = [ApiKey, ApiKeyWithSecret, ApiKeyList];

export type ApiKey = Static<typeof ApiKey>;
export type ApiKeyWithSecret = Static<typeof ApiKeyWithSecret>;

export function presentApiKey(row: ApiKeyRow): ApiKey {
  const { id, name, scopes, planName, expiresAt, revokedAt } = row;
  const isExpired = expiresAt !== null && expiresAt.getTime() <= Date.now();
  return {
    ...{ id, name, scopes },
    plan: planName,
    status: revokedAt !== null ? 'revoked' : isExpired ? 'expired' : 'live',
    createdAt: row.createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    links: { self: `/v1/api-keys/${id}` },
  };
}
