// What a program asked for, as the engine sees it: inputs, options and dependencies. Knows the wire, and no resource of ours.
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Inputs = { [key: string]: Json };

/** One resource of a stack. All lists of resources hold URNs. */
export interface Recorded {
  urn: string;
  /** e.g. aws:s3/bucket:Bucket */
  type: string;
  /** The logical name. */
  name: string;
  /** False: a component, which only groups others. */
  custom: boolean;
  parent: string;
  /** URN of the provider; empty: the default one of its package. */
  provider: string;
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  dependencies: string[];
  /** Property → what its value comes from. */
  propertyDependencies: Record<string, string[]>;
  inputs: Inputs;
  /** Properties whose values Pulumi keeps encrypted. */
  secrets: string[];
}

const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
const OUTPUT = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';

/** What stands in a preview for a value that is not known before it is there. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** @param urn the one that the resource was given */
export function record(request: RegisterResourceRequest, urn: string): Recorded {
  const secrets: string[] = [];
  const raw = (request.getObject()?.toJavaScript() ?? {}) as Inputs;
  const inputs = Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [key, reveal(value, () => secrets.push(key))]),
  );
  const propertyDependencies: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((value, key) => {
    propertyDependencies[key] = value.getUrnsList();
  });
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    // "urn::id" on the wire.
    provider: request.getProvider().split('::').slice(0, 4).join('::'),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    inputs,
    secrets: [...new Set(secrets)],
  };
}

/** The value as the wire carries what Pulumi shall keep encrypted. */
export function conceal(value: Json): Json {
  return { [SIGNATURE]: SECRET, value };
}

/** The value itself, out of the wrappings for secrets and outputs. */
export function reveal(value: Json, onSecret: () => void = () => undefined): Json {
  if (Array.isArray(value)) return value.map((item) => reveal(item, onSecret));
  if (typeof value !== 'object' || value === null) return value;
  if (value[SIGNATURE] === SECRET) {
    onSecret();
    return reveal(value.value ?? null, onSecret);
  }
  if (value[SIGNATURE] === OUTPUT) {
    if (value.secret === true) onSecret();
    return reveal(value.value ?? UNKNOWN, onSecret);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item, onSecret)]));
}
