// The metadata document as a person would read it: PostgreSQL's jsonb forgets the order of keys, the schema knows it.
import { Metadata } from '@tintype/core';
import type { TSchema } from 'typebox';

type Document = Record<string, unknown>;

export function presentMetadata(stored: unknown): unknown {
  return inOrder(stored, Metadata);
}

/** What the schema does not name keeps its place behind what it does. */
function inOrder(value: unknown, schema: TSchema): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { properties = {} } = schema as { properties?: Record<string, TSchema> };
  const ordered: Document = {};
  for (const [key, of] of Object.entries(properties)) {
    if (key in value) ordered[key] = inOrder((value as Document)[key], of);
  }
  return { ...ordered, ...Object.fromEntries(Object.entries(value).filter(([key]) => !(key in properties))) };
}
