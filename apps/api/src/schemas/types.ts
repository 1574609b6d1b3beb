// The small types that every resource is made of.
import { type TSchema, Type } from 'typebox';

export const Id = (description: string) => Type.String({ format: 'uuid', description });
export const Time = (description: string) => Type.String({ format: 'date-time', description });
export const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
