// Where each object lives. A key begins with its tenant, so that one prefix is one owner.

export function originalKey(tenantId: string, imageId: string): string {
  return `${tenantId}/original/${imageId}`;
}

/** Every attempt to fetch an original has an object of its own: one that comes late can't overwrite what another fetched. */
export function fetchedKey(tenantId: string, imageId: string, attempt: number): string {
  return `${originalKey(tenantId, imageId)}-${attempt}`;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ORIGINAL_KEY = new RegExp(`^${UUID}/original/${UUID}(?:-[0-9]+)?$`);

/** False: not an original of ours, whoever put it there. */
export function isOriginalKey(key: string): boolean {
  return ORIGINAL_KEY.test(key);
}
