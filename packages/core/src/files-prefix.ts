// Where files may lie that a tenant delivers by path: anywhere in the store but among what belongs to another tenant.

const MAX_BYTES = 512;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is wrong with the prefix, to stand behind its name; undefined: nothing. */
export function faultOfFilesPrefix(prefix: string, tenantId: string): string | undefined {
  const names = prefix.split('/');
  // A prefix that ended within a name could be continued to any other name.
  if (names.pop() !== '' || names.length === 0) return 'must be names with a slash behind each: photos/2019/';
  if (Buffer.byteLength(prefix) > MAX_BYTES) return `must have at most ${MAX_BYTES} bytes`;
  if (/[\p{Cc}\p{Cs}\\]/u.test(prefix)) return 'must have no backslash and no control character';
  if (names.some((name) => ['', '.', '..'].includes(name)))
    return 'must be names between single slashes, none of them "." or ".."';
  const [first = ''] = names;
  return UUID.test(first) && first !== tenantId
    ? 'must not lie among what belongs to another account'
    : undefined;
}
