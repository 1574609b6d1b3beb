// What PostgreSQL's text cannot hold.

/** It holds no NUL: what asks for one finds nothing. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}
