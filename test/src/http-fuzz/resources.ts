// What the service under test has told of itself: ids by collection and by whose they are, and cursors. Learned from its own answers.
import type { Document, Operation } from './document.ts';

export interface Resource {
  kind: string;
  id: string;
  /** Whose it is; undefined for what belongs to nobody. */
  tenant: string;
}

export interface Resources {
  /** Reads ids and cursors out of the body of a good answer. */
  learn(tenant: string, operation: Operation, body: unknown): void;
  /** From now on, what is known so far is never given to be deleted. */
  keep(): void;
  /** One of the tenant's, another each time. `of-x` is any collection whose name ends in `xs`. */
  own(kind: string, tenant: string, use: Use): Resource | undefined;
  /** One that is not the tenant's. */
  other(kind: string, tenant: string, use: Use): Resource | undefined;
  forget(resource: Resource): void;
  cursor(operationId: string): string | undefined;
}

export type Use = 'deletion' | 'any';

/** Of one tenant, and tenants that have some. */
const MOST_OF_A_KIND = 40;
const MOST_TENANTS = 30;

type Item = Record<string, unknown>;

/** Names in `untold` are never told, so that nobody changes what they stand for. */
export function createResources({ operations }: Document, untold: ReadonlySet<string>): Resources {
  const byKind = new Map<string, Map<string, string[]>>();
  const cursors = new Map<string, string>();
  let kept: readonly Resource[] = [];
  const variables = variablesOf(operations);
  let turn = 0;

  function add(kind: string, tenant: string, id: unknown): void {
    if (typeof id !== 'string' || id === '' || untold.has(id)) return;
    const byTenant = byKind.get(kind) ?? new Map<string, string[]>();
    byKind.set(kind, byTenant);
    const ids = byTenant.get(tenant) ?? [];
    // Who was heard of last stands last: those who are gone go first.
    byTenant.delete(tenant);
    byTenant.set(tenant, ids);
    if (byTenant.size > MOST_TENANTS) byTenant.delete([...byTenant.keys()][0] ?? '');
    if (ids.includes(id)) return;
    ids.push(id);
    if (ids.length > MOST_OF_A_KIND) ids.shift();
  }

  function learnItem(tenant: string, collection: string, item: Item): void {
    const { self } = (item.links ?? {}) as { self?: unknown };
    const kind = (typeof self === 'string' ? self.split('/').at(-2) : undefined) ?? collection;
    add(kind, tenant, item[variables.get(kind) ?? 'id']);
  }

  /** What an item speaks of beside itself. */
  function learnOthers(tenant: string, item: Item): void {
    for (const [name, value] of Object.entries(item)) {
      const [, subject] = /^(\w+)Id$/.exec(name) ?? [];
      for (const kind of subject === undefined ? [] : kindsOf(`of-${subject}`)) add(kind, tenant, value);
    }
  }

  function kindsOf(kind: string): string[] {
    if (!kind.startsWith('of-')) return [kind];
    const ending = `${kind.slice(3).toLowerCase()}s`;
    return [...variables.keys()].filter((name) => name.endsWith(ending));
  }

  function known(kinds: Iterable<string>): Resource[] {
    return [...kinds].flatMap((kind) =>
      [...(byKind.get(kind) ?? [])].flatMap(([tenant, ids]) => ids.map((id) => ({ kind, tenant, id }))),
    );
  }

  function pick(kind: string, use: Use, isWanted: (tenant: string) => boolean): Resource | undefined {
    const kinds = kindsOf(kind);
    const wanted = ({ kind, tenant }: Resource) => kinds.includes(kind) && isWanted(tenant);
    const learned = known(kinds).filter(wanted);
    const lasting = use === 'any' ? kept.filter(wanted) : [];
    turn += 1;
    // Of what was learned some is gone meanwhile.
    const all = lasting.length > 0 && (turn % 2 === 0 || learned.length === 0) ? lasting : learned;
    return all[(turn >> 1) % all.length];
  }

  return {
    learn: (tenant, operation, body) => {
      if (typeof body !== 'object' || body === null) return;
      const { items, nextCursor } = body as { items?: unknown; nextCursor?: unknown };
      if (typeof nextCursor === 'string') cursors.set(operation.id, nextCursor);
      const collection = operation.path.split('/').findLast((name) => !name.startsWith('{')) ?? '';
      for (const item of Array.isArray(items) ? (items as Item[]) : [body as Item]) {
        learnItem(tenant, collection, item);
        // Who operates the service is told of what is not his.
        if (operation.scope !== 'admin') learnOthers(tenant, item);
      }
    },
    keep: () => {
      kept = known(byKind.keys());
      byKind.clear();
    },
    own: (kind, tenant, use) => pick(kind, use, (one) => one === tenant),
    other: (kind, tenant, use) => pick(kind, use, (one) => one !== tenant),
    forget: ({ kind, tenant, id }) => {
      const ids = byKind.get(kind)?.get(tenant);
      ids?.splice(ids.indexOf(id) >>> 0, 1);
    },
    cursor: (operationId) => cursors.get(operationId),
  };
}

/** By which property the items of a collection are named in a path: `/v1/plans/{name}` → plans, name. */
function variablesOf(operations: readonly Operation[]): Map<string, string> {
  const found = operations.flatMap(({ path }) => [...path.matchAll(/([^/]+)\/\{(\w+)\}/g)]);
  return new Map(found.map(([, kind = '', name = 'id']) => [kind, name]));
}
