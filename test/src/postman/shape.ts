// The shape of an answer, as far as a collection looks at it: what must be there, and of which type. And an example of what a schema wants.
import type { Description, Schema } from './operations.ts';

type Resolve = Description['resolve'];

/** Deeper down it is the service's own tests that look. */
const DEPTH = 4;

/** The same schema without what may be left out, references, formats and words. */
export function shapeOf(written: Schema, resolve: Resolve, depth = DEPTH): Schema {
  const schema = resolve(written);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices !== undefined) return { anyOf: choices.map((choice) => shapeOf(choice, resolve, depth)) };
  const { type } = schema;
  if (type === undefined) return {};
  if (depth === 0) return { type };
  if (type === 'array') return { type, items: shapeOf((schema.items ?? {}) as Schema, resolve, depth - 1) };
  const required = (schema.required ?? []) as string[];
  if (type !== 'object' || required.length === 0) return { type };
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const shapes = required.map((name) => [name, shapeOf(properties[name] ?? {}, resolve, depth - 1)]);
  return { type, required, properties: Object.fromEntries(shapes) };
}

/** What the schema gives as an example, or the least that it wants; undefined: it can't be known. */
export function exampleOf(written: Schema, resolve: Resolve): unknown {
  const schema = { ...resolve(written), ...written };
  const [choice] = ((schema.anyOf ?? schema.oneOf) as Schema[] | undefined) ?? [];
  const [example] = (schema.examples as unknown[] | undefined) ?? [];
  const said = example ?? schema.example ?? schema.default ?? schema.const;
  if (said !== undefined) return said;
  if (schema.type === 'object' || schema.properties !== undefined) return exampleObject(schema, resolve);
  if (choice !== undefined) return exampleOf(choice, resolve);
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  return undefined;
}

function exampleObject(schema: Schema, resolve: Resolve): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, resolve)]));
}
