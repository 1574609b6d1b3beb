// The one place that binds rows to their owner: what a request gets of the database knows its tenant and no other.
import type { Admissions } from './admission.ts';
import type { ApiKeys } from './api-keys.ts';
import type { DeliveryKeys } from './delivery-keys.ts';
import type { Derivatives } from './derivatives.ts';
import type { DirectUploads } from './direct-uploads.ts';
import type { Events } from './events.ts';
import type { Files } from './files.ts';
import type { FindImages } from './find-images.ts';
import type { Idempotency } from './idempotency.ts';
import type { Images } from './images.ts';
import type { Jobs } from './jobs.ts';
import type { Tags } from './tags.ts';
import type { Uploads } from './uploads.ts';
import type { Usage } from './usage.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';
import type { WebhookEndpoints } from './webhook-endpoints.ts';

/** Everything that has owners. */
export interface TenantParts {
  jobs: Jobs;
  images: Images;
  uploads: Uploads;
  events: Events;
  webhookEndpoints: WebhookEndpoints;
  webhookDeliveries: WebhookDeliveries;
  idempotency: Idempotency;
  admissions: Admissions;
  apiKeys: ApiKeys;
  usage: Usage;
  findImages: FindImages;
  tags: Tags;
  derivatives: Derivatives;
  deliveryKeys: DeliveryKeys;
  directUploads: DirectUploads;
  files: Files;
}

/** Calls that are no tenant's: for operators, or for all requests of a process at once. Every other one is bound. */
const SHARED = {
  jobs: ['depth'],
  images: [],
  uploads: ['idle'],
  events: ['end'],
  webhookEndpoints: [],
  webhookDeliveries: ['depth'],
  idempotency: ['renew', 'idle'],
  admissions: ['idle'],
  apiKeys: [],
  usage: ['add'],
  findImages: [],
  tags: [],
  derivatives: [],
  deliveryKeys: [],
  directUploads: [],
  files: [],
} as const satisfies { [Name in keyof TenantParts]: readonly (keyof TenantParts[Name])[] };

export const TENANT_PARTS = Object.keys(SHARED) as readonly (keyof TenantParts)[];

/** Calls that go into one statement with those of other tenants: their first argument names the tenant. Any other call begins with its id. */
const BATCHED = {
  uploads: ['begin', 'accept', 'acceptUrl'],
  idempotency: ['begin', 'finish', 'release'],
  admissions: ['admit'],
} as const satisfies { [Name in keyof TenantParts]?: readonly (keyof TenantParts[Name])[] };

type SharedCall<Name extends keyof TenantParts> = (typeof SHARED)[Name][number];
type BatchedCall<Name> = Name extends keyof typeof BATCHED ? (typeof BATCHED)[Name][number] : never;

type WithoutTenant<Call> = Call extends (tenantId: string, ...rest: infer Rest) => infer Answer
  ? (...rest: Rest) => Answer
  : never;
type WithoutTenantInside<Call> = Call extends (
  item: infer Item extends { tenantId: string },
  ...rest: infer Rest
) => infer Answer
  ? (item: Omit<Item, 'tenantId'>, ...rest: Rest) => Answer
  : never;

type Own<Name extends keyof TenantParts> = {
  [Call in Exclude<keyof TenantParts[Name], SharedCall<Name>>]: Call extends BatchedCall<Name>
    ? WithoutTenantInside<TenantParts[Name][Call]>
    : WithoutTenant<TenantParts[Name][Call]>;
};

/** What a tenant may reach: its own, and nothing else. An id of another tenant is answered as one that does not exist. */
export type TenantDatabase = { readonly tenantId: string } & { [Name in keyof TenantParts]: Own<Name> };

/** What is left of the parts without their tenants' calls. */
export type SharedCalls = {
  [Name in keyof TenantParts]: Pick<TenantParts[Name], SharedCall<Name> & keyof TenantParts[Name]>;
};

type Call = (...args: unknown[]) => unknown;
type Part = Record<string, Call>;

/** Made once: what a tenant may reach is bound anew for each request, in about a microsecond. */
export function bindTenants(parts: TenantParts): (tenantId: string) => TenantDatabase {
  const binders = partsOf(parts).map(([name, part]) => [name, binderOf(name, part)] as const);
  return (tenantId) => {
    const own: Record<string, unknown> = { tenantId };
    for (const [name, bind] of binders) own[name] = bind(tenantId);
    return own as TenantDatabase;
  };
}

export function sharedCalls(parts: TenantParts): SharedCalls {
  const shared = partsOf(parts).map(([name, part]) => {
    const calls = (SHARED[name] as readonly string[]).map((call) => [call, part[call]]);
    return [name, Object.fromEntries(calls)];
  });
  return Object.fromEntries(shared);
}

function binderOf(name: keyof TenantParts, part: Part): (tenantId: string) => Part {
  const shared: readonly string[] = SHARED[name];
  const batched: readonly string[] = name in BATCHED ? BATCHED[name as keyof typeof BATCHED] : [];
  const calls = Object.entries(part).filter(([call]) => !shared.includes(call));
  return (tenantId) => {
    const own: Part = {};
    for (const [name, call] of calls) {
      own[name] = batched.includes(name)
        ? (item, ...rest) => call({ ...(item as object), tenantId }, ...rest)
        : (...args) => call(tenantId, ...args);
    }
    return own;
  };
}

function partsOf(parts: TenantParts): [keyof TenantParts, Part][] {
  return TENANT_PARTS.map((name) => [name, parts[name] as unknown as Part]);
}
