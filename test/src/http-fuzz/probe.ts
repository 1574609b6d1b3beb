// Makes one attempt: fills in what only the running service knows, sends it, holds the answer against the document, and learns from it.
import type { Answer, Outcome } from './answer.ts';
import type { Attempt, Header } from './attempt.ts';
import type { Checker, Fault, Sent } from './check-answer.ts';
import type { Operation } from './document.ts';
import type { Principal, Principals } from './principals.ts';
import type { Resource, Resources } from './resources.ts';
import type { Sender } from './send.ts';
import { fillIn } from './tokens.ts';

export interface Probe {
  sent: Sent;
  outcome: Outcome;
  fault: Fault | undefined;
}

export interface Ground {
  principals: Principals;
  resources: Resources;
  sender: Sender;
  checker: Checker;
}

const NO_SUCH_ID = '00000000-0000-7000-8000-000000000000';

/** What everybody may give to his own, whoever else did. */
const NAMES: ReadonlySet<string> = new Set(['tags', 'derivatives']);

export async function probe(attempt: Attempt, ground: Ground): Promise<Probe> {
  const { principals, resources, sender, checker } = ground;
  const principal = await principals.of(attempt.who);
  const credentials = await credentialsIn(attempt, principal, principals);
  const replace: Record<string, (kind: string, written: string) => string> = {
    key: (_kind, written) => credentials.get(written) ?? '',
    cookie: (_kind, written) => credentials.get(written) ?? '',
    email: () => principal.email,
    password: () => principal.password,
    cursor: (kind) => resources.cursor(kind) ?? 'none',
  };
  const idOf = (what: string, kind: string, used: Resource[]) => {
    const isDeletion = attempt.method === 'DELETE' || attempt.operationId.startsWith('delete');
    const use = isDeletion ? 'deletion' : 'any';
    const own = what === 'own' ? resources.own(kind, principal.tenant, use) : undefined;
    // Another's, where the caller has none of his own.
    const found = own ?? resources.other(kind, principal.tenant, use);
    if (found !== undefined) used.push(found);
    return found?.id ?? NO_SUCH_ID;
  };
  const fill = (text: string, used: Resource[] = []) =>
    fillIn(text, (what, kind, written) => replace[what]?.(kind, written) ?? idOf(what, kind, used));

  // A tag may be any text.
  const fillAddress = (text: string, used: Resource[] = []) =>
    fillIn(text, (what, kind, written) => replace[what]?.(kind, written) ?? percent(idOf(what, kind, used)));

  const [path, query] = splitTarget(attempt.target);
  const named: Resource[] = [];
  const sent: Sent = {
    method: attempt.method,
    target: fillAddress(path, named) + fillAddress(query),
    headers: attempt.headers.map(([name, value]): Header => [name, fill(value)]),
    body: attempt.body && Buffer.from(fill(attempt.body.toString('latin1')), 'latin1'),
    wire: attempt.wire,
    isBent: attempt.isBent,
    who: attempt.who,
    isForeign: named.some(({ kind, tenant }) => !NAMES.has(kind) && tenant !== principal.tenant),
  };
  const outcome = await sender.send(sent, attempt.wire);
  const fault = checker.faultOf(sent, outcome);
  if ('answer' in outcome && fault === undefined) {
    const operation = checker.operationOf(sent);
    if (operation !== undefined) learn(outcome.answer, { attempt, operation, principal, named, ground });
  }
  return { sent, outcome, fault };
}

const percent = (text: string) => encodeURIComponent(text);

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)];
}

/** What the headers show, by token. Who asks may be replaced meanwhile: he is taken as he was when it began. */
async function credentialsIn(
  { who: asking, headers }: Attempt,
  principal: Principal,
  principals: Principals,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [, value] of headers) {
    for (const [written, what, who] of value.matchAll(/~(key|cookie)\.(\w+)~/g)) {
      const shown = who === asking ? principal : await principals.of(who as Attempt['who']);
      found.set(written, shown[what as 'key' | 'cookie']);
    }
  }
  return found;
}

interface Seen {
  attempt: Attempt;
  operation: Operation;
  principal: Principal;
  /** In the path. */
  named: readonly Resource[];
  ground: Ground;
}

function learn({ status, body }: Answer, { attempt, operation, principal, named, ground }: Seen): void {
  const { who, method } = attempt;
  if (who === 'unclear' || who === 'nobody') return;
  const isGood = status >= 200 && status < 300;
  const json = parse(body);
  if (isGood && method !== 'DELETE') ground.resources.learn(principal.tenant, operation, json);
  // Gone, or never seen by this caller.
  if ((isGood && method === 'DELETE') || status === 404)
    for (const one of named) if (one.tenant === principal.tenant) ground.resources.forget(one);
  if (hasEnded(status, json, seenBy(attempt, operation))) ground.principals.replace(who);
}

interface SeenBy {
  who: Attempt['who'];
  isPublic: boolean;
  /** It changes the caller himself, or his login. */
  isOfCaller: boolean;
}

function seenBy({ who, method }: Attempt, { path, isPublic }: Operation): SeenBy {
  return { who, isPublic, isOfCaller: method !== 'GET' && /\/(me|current)(\/|$)/.test(path) };
}

/** Whether the caller is not what he was: unknown, suspended, limited, or with another password. */
function hasEnded(status: number, json: unknown, { who, isPublic, isOfCaller }: SeenBy): boolean {
  if (isPublic) return false;
  if (status < 300) return isOfCaller && who === 'throwaway';
  const { code } = (json ?? {}) as { code?: string };
  return status === 401 || code === 'ACCOUNT_SUSPENDED' || (status === 429 && who !== 'limited');
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
