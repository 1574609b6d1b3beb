// Where each object lives. A key begins with its tenant, so that one prefix is one owner.

export function originalKey(tenantId: string, imageId: string): string {
  return `${tenantId}/original/${imageId}`;
}

/** Every attempt to fetch an original has an object of its own: one that comes late can't overwrite what another fetched. */
export function fetchedKey(tenantId: string, imageId: string, attempt: number): string {
  return `${originalKey(tenantId, imageId)}-${attempt}`;
}

/**
 * What was made of an image, or of a file that is no image's. Every attempt has an object of its own, so that one that comes late, or is being
 * swept, is never the one that is delivered.
 */
export function derivedKey(made: {
  tenantId: string;
  imageId: string | null;
  /** Of the derivative. */
  id: string;
  attempt: number;
}): string {
  return `${made.tenantId}/derived/${made.imageId ?? 'files'}/${made.id}-${made.attempt}`;
}

/** Where a client sends a file itself. It is copied from there before anything is believed of it. */
export function incomingKey(tenantId: string, uploadId: string): string {
  return `${tenantId}/incoming/${uploadId}`;
}

/** Where files lie that are delivered by path, of a tenant that has no prefix of its own. */
export function filesPrefix(tenantId: string): string {
  return `${tenantId}/files/`;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ORIGINAL_KEY = new RegExp(`^${UUID}/original/${UUID}(?:-[0-9]+)?$`);

const DERIVED_KEY = new RegExp(`^${UUID}/derived/(?:files|${UUID})/${UUID}-[0-9]+$`);
const INCOMING_KEY = new RegExp(`^${UUID}/incoming/${UUID}$`);

/** False: not an original of ours, whoever put it there. */
export function isOriginalKey(key: string): boolean {
  return ORIGINAL_KEY.test(key);
}

/** False: nothing that the service itself stores, as files are that lie beside its images. */
export function isOwnKey(key: string): boolean {
  return isOriginalKey(key) || DERIVED_KEY.test(key) || INCOMING_KEY.test(key);
}
