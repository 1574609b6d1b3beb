// Who may call what: the promise, in one table. A column is what a route declares in `config.access`, a row is who calls it.

/** Let in: the route does what it does. */
const IN = 'in';
/** What else is answered. */
const WHO = '401 UNAUTHENTICATED';
const OFF = '403 ACCOUNT_SUSPENDED';
const KEY = '403 PERSON_REQUIRED';
const NOT = '403 FORBIDDEN';

export type Verdict = typeof IN | typeof WHO | typeof OFF | typeof KEY | typeof NOT;
type Row = readonly [any: Verdict, person: Verdict, scope: Verdict, admin: Verdict];

/** A route with another access than these and a scope is public: everybody is let in, whatever he shows. */
// biome-ignore format: a table
const EXPECTED = {
  //                                    any  person scope admin
  anonymous:                           [WHO, WHO,   WHO,  WHO],
  'owner, key':                        [IN,  KEY,   IN,   NOT],
  'owner, session':                    [IN,  IN,    IN,   NOT],
  'owner, token':                      [IN,  IN,    IN,   NOT],
  'other tenant, key':                 [IN,  KEY,   IN,   NOT],
  'other tenant, session':             [IN,  IN,    IN,   NOT],
  'other tenant, token':               [IN,  IN,    IN,   NOT],
  'key without the scope':             [IN,  KEY,   NOT,  NOT],
  'key with a wrong secret':           [WHO, WHO,   WHO,  WHO],
  'expired key':                       [WHO, WHO,   WHO,  WHO],
  'revoked key':                       [WHO, WHO,   WHO,  WHO],
  'expired session':                   [WHO, WHO,   WHO,  WHO],
  'ended session':                     [WHO, WHO,   WHO,  WHO],
  'expired token':                     [WHO, WHO,   WHO,  WHO],
  'forged token':                      [WHO, WHO,   WHO,  WHO],
  'token for another audience':        [WHO, WHO,   WHO,  WHO],
  'suspended user, key':               [OFF, OFF,   OFF,  OFF],
  'suspended user, session':           [OFF, OFF,   OFF,  OFF],
  'deleted account, key':              [WHO, WHO,   WHO,  WHO],
  'deleted account, session':          [WHO, WHO,   WHO,  WHO],
  'administrator, key':                [IN,  KEY,   IN,   IN],
  'administrator, session':            [IN,  IN,    IN,   IN],
  'administrator, token':              [IN,  IN,    IN,   IN],
  'administrator, key without admin':  [IN,  KEY,   IN,   NOT],
  'former administrator, key':         [IN,  KEY,   IN,   NOT],
  'former administrator, session':     [IN,  IN,    IN,   NOT],
} as const satisfies Record<string, Row>;

export type PrincipalName = keyof typeof EXPECTED;
export const PRINCIPALS = Object.keys(EXPECTED) as PrincipalName[];

const COLUMNS = ['any', 'person', 'scope', 'admin'] as const;
export const USER_SCOPES = ['jobs:write', 'images:read', 'images:write', 'webhooks'] as const;

/** @throws Error for a route that does not say who may call it, or says something new */
export function verdictOf(access: string | undefined, principal: PrincipalName): Verdict {
  if (access === 'public') return IN;
  const isScope = (USER_SCOPES as readonly string[]).includes(access ?? '');
  const column = (COLUMNS as readonly string[]).indexOf(isScope ? 'scope' : (access ?? ''));
  const verdict = EXPECTED[principal][column];
  if (verdict === undefined) throw new Error(`its access is ${access ?? 'not declared'}`);
  return verdict;
}
