// All that a stack asks for, as a file that a reader can compare. Knows no rule.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Json, Recorded } from './recorded.ts';
import { at, kindOf, type Stack } from './stack.ts';

/** In the sources, seen from dist/test. */
const FOLDER = fileURLToPath(new URL('../../test/snapshots', import.meta.url));

const fileOf = (profile: string): string => `${FOLDER}/${profile}.json`;

/** What differs from the snapshot, a line each; nothing where all is as it was. */
export function compareSnapshot(stack: Stack): string[] {
  const file = fileOf(stack.profile);
  if (!existsSync(file)) return [`there is no snapshot of ${stack.profile}: --update writes it`];
  const known = JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
  const found = JSON.parse(JSON.stringify(snapshotOf(stack))) as Snapshot;
  return [...differences(known, found)];
}

export function updateSnapshot(stack: Stack): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(stack.profile), write(snapshotOf(stack)));
}

/** `kind name` → what is asked for. */
type Snapshot = Record<string, Json>;

function snapshotOf(stack: Stack): Snapshot {
  const build = stack.resources.find(({ name }) => name === `${stack.settings.name}-build`);
  const changing = [String(stack.outputs.version), String(at(build?.inputs, 'keepers.digest'))];
  const entries = stack.resources.map((resource): [string, Json] => [
    labelOf(resource),
    shown(resource, stack),
  ]);
  const all: Snapshot = {
    ...Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))),
    outputs: stack.outputs,
  };
  // Another version of the sources is no other stack.
  const text = changing.reduce((sum, value) => sum.replaceAll(value, 'VERSION'), JSON.stringify(all));
  return JSON.parse(text) as Snapshot;
}

const labelOf = (resource: Recorded): string => `${kindOf(resource)} ${resource.name}`;

function shown(
  { parent, protect, ignoreChanges, inputs, secrets, dependencies }: Recorded,
  stack: Stack,
): Json {
  const byUrn = new Map(stack.resources.map((each) => [each.urn, each]));
  const component = byUrn.get(parent);
  const nameOf = (urn: string): string[] => {
    const found = byUrn.get(urn);
    return found === undefined ? [] : [labelOf(found)];
  };
  return {
    ...(component === undefined ? {} : { in: component.name }),
    ...(protect ? { protect } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges } : {}),
    ...Object.fromEntries(
      Object.entries(inputs).map(([key, value]) => [key, secrets.includes(key) ? 'SECRET' : readable(value)]),
    ),
    ...(dependencies.length > 0 ? { dependsOn: dependencies.flatMap(nameOf).sort() } : {}),
  };
}

/** JSON in a text is shown as what it says. */
function readable(value: Json): Json {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    try {
      return readable(JSON.parse(value) as Json);
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}

/** A line for each property of a resource: its changes are seen one by one. */
function write(snapshot: Snapshot): string {
  const lines = Object.entries(snapshot).map(([key, value]) => {
    const properties = Object.entries(value as Record<string, Json>).map(
      ([name, item]) => `    ${JSON.stringify(name)}: ${JSON.stringify(item)}`,
    );
    return `  ${JSON.stringify(key)}: {\n${properties.join(',\n')}\n  }`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function* differences(known: Snapshot, found: Snapshot): Generator<string> {
  for (const key of Object.keys(known)) if (!(key in found)) yield `gone: ${key}`;
  for (const [key, value] of Object.entries(found)) {
    if (!(key in known)) yield `new: ${key}`;
    else if (JSON.stringify(value) !== JSON.stringify(known[key]))
      yield `changed: ${key} (${changedIn(known[key], value)})`;
  }
}

function changedIn(known: Json | undefined, found: Json): string {
  const [left, right] = [known, found].map((value) => (value ?? {}) as Record<string, Json>);
  const keys = [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])];
  return keys.filter((key) => JSON.stringify(left?.[key]) !== JSON.stringify(right?.[key])).join(', ');
}
