// People and their logins as they and administrators see them: never with a password.
import { SCOPES, type UserRow } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { PlanName } from './plan.ts';
import { Id, Nullable, Time } from './types.ts';

// No format "email": what matters is that the provider of the address takes it, and that PostgreSQL takes it.
export const Email = Type.String({
  maxLength: 254,
  pattern: '^[^@\\s\\p{Cc}\\p{Cf}\\p{Cs}]+@[^@\\s\\p{Cc}\\p{Cf}\\p{Cs}]+$',
  description: 'Capitals do not matter.',
  examples: ['ada@example.com'],
});
// Not a union: its first branch would turn null into text.
const name = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\p{Cc}\\p{Cs}]*$',
  description: 'As you like to be called; one line.',
});
const newPassword = Type.String({
  minLength: 10,
  maxLength: 256,
  description: '10 to 256 characters of any kind, and not the address itself.',
});
const password = Type.String({ minLength: 1, maxLength: 256, description: 'The one you have now.' });

export const Registration = Type.Object(
  { email: Email, password: newPassword, name: Type.Optional(name) },
  { additionalProperties: false },
);
export const Login = Type.Object({ email: Email, password }, { additionalProperties: false });
export const UserChange = Type.Object({ name }, { additionalProperties: false });
export const PasswordChange = Type.Object(
  { currentPassword: password, newPassword },
  { additionalProperties: false },
);
export const AccountDeletion = Type.Object(
  {
    password: Type.Optional(password),
    confirm: Type.Optional(
      Type.Literal('delete', { description: 'Instead of the password, for accounts that have none here.' }),
    ),
  },
  { additionalProperties: false },
);
export const UserAdministration = Type.Object(
  {
    plan: Type.Optional(PlanName('The name of a plan.')),
    suspended: Type.Optional(
      Type.Boolean({ description: 'true: whatever he, his keys and his sessions ask for is answered 403.' }),
    ),
    admin: Type.Optional(Type.Boolean({ description: 'Whether he operates the service.' })),
    filesPrefix: Type.Optional(
      // Not a union: its first branch would turn null into text.
      Type.Unsafe<string | null>({
        type: ['string', 'null'],
        minLength: 1,
        maxLength: 512,
        description:
          'Where in the object store his files lie that `/v1/files` delivers beside his images; ends with a slash. null: under the name of his tenant.',
        examples: ['photos/2019/'],
      }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const User = Type.Object(
  {
    id: Id('Names the person.'),
    tenantId: Id('The owner of all that is his, as the request log names it.'),
    email: Nullable(Type.String()),
    name: Nullable(Type.String()),
    admin: Type.Boolean({ description: 'Operates the service.' }),
    plan: Type.String({ description: 'The name of his plan.' }),
    suspendedAt: Nullable(Time('Since when nothing is answered to him.')),
    hasPassword: Type.Boolean({ description: 'Logs in here; false: by an OIDC provider alone.' }),
    issuer: Nullable(Type.String({ description: 'The OIDC provider that vouches for him.' })),
    createdAt: Time('When the account was made.'),
    lastLoginAt: Nullable(Time('When he logged in with his password last.')),
    filesPrefix: Nullable(
      Type.String({
        description:
          'Where in the object store the files lie that `/v1/files` delivers beside his images; null: under the name of his tenant.',
      }),
    ),
  },
  { $id: 'User', description: 'A person with an account.' },
);
export const UserPage = Type.Object(
  {
    items: Type.Array(Type.Ref('User#'), { description: 'Newest first.' }),
    nextCursor: Nullable(Type.String()),
    links: Type.Object({ next: Type.Optional(Type.String()) }),
  },
  { $id: 'UserPage' },
);
export const Session = Type.Object(
  { user: Type.Ref('User#'), expiresAt: Time('When you have to log in again.') },
  { $id: 'Session', description: 'The login of a browser. Its secret is in the cookie alone.' },
);
export const Me = Type.Object(
  {
    tenantId: Id('The owner of all that is yours.'),
    user: Nullable(Type.Ref('User#')),
    credential: Type.Enum(['key', 'session', 'token'], { description: 'What you showed of yourself.' }),
    keyId: Nullable(Type.String({ description: 'Of the key that you used.' })),
    scopes: Type.Array(Type.Enum([...SCOPES]), { description: 'What you may do with it.' }),
    plan: Type.String({ description: 'The name of your plan.' }),
  },
  { $id: 'Me', description: 'Who is asking. `user` is null for keys that were made by the command line.' },
);

export const USER_SCHEMAS = [User, UserPage, Session, Me];

export type User = Static<typeof User>;
export interface Session {
  user: User;
  expiresAt: string;
}

export function presentUser(row: UserRow): User {
  const { id, tenantId, email, name, hasPassword, issuer, filesPrefix } = row;
  return {
    ...{ id, tenantId, email, name },
    admin: row.isAdmin,
    plan: row.planName,
    suspendedAt: row.suspendedAt?.toISOString() ?? null,
    ...{ hasPassword, issuer },
    createdAt: row.createdAt.toISOString(),
    lastLoginAt: row.lastLoginAt?.toISOString() ?? null,
    filesPrefix,
  };
}
