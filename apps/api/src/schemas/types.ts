// The small types that every resource is made of.
import { type TSchema, Type } from 'typebox';

/** What PostgreSQL takes; `format` alone would let `urn:uuid:` pass. */
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

export const Id = (description: string) => Type.String({ format: 'uuid', pattern: UUID, description });
export const Time = (description: string) => Type.String({ format: 'date-time', description });
export const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
