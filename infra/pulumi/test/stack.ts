// A stack as rules look at it: resources by kind, values by path, documents of permissions. Knows how AWS writes, and no rule.
import type { Settings } from '../src/settings.ts';
import { arnOf, idOf, type Place } from './cloud.ts';
import type { Inputs, Json, Recorded } from './recorded.ts';
import type { Configuration, Question } from './run-program.ts';

export interface Stack {
  /** Name in profiles.ts. */
  profile: string;
  configuration: Configuration;
  settings: Settings;
  place: Place;
  resources: Recorded[];
  questions: Question[];
  outputs: Record<string, Json>;
}

const kinds = new Map<string, string>();

/** Short name of a type: `ec2:Vpc` for AWS's, `random:RandomPassword` for others. */
export function kindOf({ type }: Pick<Recorded, 'type'>): string {
  const known = kinds.get(type);
  if (known !== undefined) return known;
  const [vendor = '', module = '', name = ''] = type.split(':');
  const kind = vendor === 'aws' ? `${module.split('/')[0]}:${name}` : `${vendor}:${name}`;
  kinds.set(type, kind);
  return kind;
}

export function all(stack: Stack, ...kinds: string[]): Recorded[] {
  return stack.resources.filter((resource) => kinds.includes(kindOf(resource)));
}

/** The one of its kind whose name ends so. @throws Error where there is none, or several */
export function one(stack: Stack, kind: string, ending = ''): Recorded {
  const found = all(stack, kind).filter(({ name }) => name.endsWith(ending));
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${found.length} resources ${kind} whose name ends with "${ending}", and not one`);
  return first;
}

/** What lies at a path of keys and indices, e.g. `rule.objectOwnership`. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let here: Json | undefined = value;
  for (const step of path.split('.')) {
    if (Array.isArray(here)) here = here[Number(step)];
    else if (typeof here === 'object' && here !== null) here = here[step];
    else return undefined;
  }
  return here;
}

export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
export const textsOf = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
export const objectOf = (value: Json | undefined): Inputs =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

const indices = new WeakMap<Stack, Map<string, Recorded>>();

/** Everything that is there by its id and by its ARN. */
function indexOf(stack: Stack): Map<string, Recorded> {
  const known = indices.get(stack);
  if (known !== undefined) return known;
  const index = new Map<string, Recorded>();
  for (const resource of stack.resources.filter(({ custom }) => custom)) {
    index.set(idOf(resource.type, resource.name), resource);
    index.set(arnOf(resource.type, resource.name, stack.place), resource);
  }
  indices.set(stack, index);
  return index;
}

/** What a value refers to by id or ARN; revisions of a task and keys of a secret have longer ones. */
export function behind(stack: Stack, value: Json | undefined): Recorded | undefined {
  const text = String(value);
  const index = indexOf(stack);
  return (
    index.get(text) ?? index.get(text.replace(/(?::[\w*]*)+$/, '')) ?? index.get(text.replace(/\/\*.*$/, ''))
  );
}

/** Whether the value refers to the resource in any way. */
export function isAbout(stack: Stack, value: Json | undefined, { type, name }: Recorded): boolean {
  const text = String(value);
  return text === idOf(type, name) || text === arnOf(type, name, stack.place) || text === `${name}-0a1b2c3`;
}

/** Everything a resource stands on, by whatever way. */
export function groundOf(stack: Stack, resource: Recorded): Set<string> {
  const byUrn = new Map(stack.resources.map((each) => [each.urn, each]));
  const seen = new Set<string>();
  const queue = [...resource.dependencies];
  for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
    if (seen.has(urn)) continue;
    seen.add(urn);
    queue.push(...(byUrn.get(urn)?.dependencies ?? []));
  }
  return seen;
}

/** All texts in a value, with where they are. */
export function* textsIn(value: Json | undefined, path = ''): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* textsIn(item, path === '' ? key : `${path}.${key}`);
}

export interface Container {
  task: Recorded;
  name: string;
  definition: Inputs;
  environment: Record<string, string>;
  /** Variable → ARN. */
  secrets: Record<string, string>;
}

export function containersOf(stack: Stack, ending = ''): Container[] {
  return all(stack, 'ecs:TaskDefinition')
    .filter(({ name }) => name.endsWith(ending))
    .flatMap((task) => {
      const definitions = JSON.parse(String(task.inputs.containerDefinitions)) as Inputs[];
      return definitions.map((definition) => ({
        ...{ task, name: String(definition.name), definition },
        environment: pairs(definition.environment, 'value'),
        secrets: pairs(definition.secrets, 'valueFrom'),
      }));
    });
}

const pairs = (value: Json | undefined, of: string): Record<string, string> =>
  Object.fromEntries(listOf(value).map((item) => [String(at(item, 'name')), String(at(item, of))]));
