// The words that the metadata schema is written in: a field tells its meaning, its unit and where its value comes from.
import { type TSchema, Type } from 'typebox';

/** Annotations become `x-unit` and `x-source` in the JSON Schema, and columns in docs/metadata-fields.md. */
export interface About {
  /** px, B, ms, °, m, px/in, bit, … */
  unit?: string;
  /** The tool or block that says so: header, exif, xmp, pixels, … */
  source?: string;
}

function annotated(description: string, { unit, source }: About): Record<string, string> {
  return {
    description,
    ...(unit === undefined ? {} : { 'x-unit': unit }),
    ...(source === undefined ? {} : { 'x-source': source }),
  };
}

export const opt = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const text = (description: string, about: About = {}) => Type.String(annotated(description, about));
export const flag = (description: string, about: About = {}) => Type.Boolean(annotated(description, about));
export const number = (description: string, about: About = {}) => Type.Number(annotated(description, about));
export const integer = (description: string, about: About & { minimum?: number; maximum?: number } = {}) => {
  const { minimum, maximum, ...rest } = about;
  return Type.Integer({
    ...annotated(description, rest),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  });
};
export const count = (description: string, about: About = {}) =>
  integer(description, { minimum: 0, ...about });
export const oneOf = <const Words extends string[]>(words: Words, description: string, about: About = {}) =>
  Type.Enum(words, annotated(description, about));
export const tags = (description: string, about: About = {}) =>
  Type.Record(Type.String(), Type.Unknown(), annotated(description, about));
