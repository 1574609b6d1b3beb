/** The shape of the metadata document; grows when that changes. */
export const SCHEMA_VERSION = 2;
