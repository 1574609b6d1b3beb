// PostgreSQL's jsonb holds no NUL, and no half of a surrogate pair: both are taken out of every text, and NFC put in.

export function withoutNul<Value>(value: Value): Value {
  if (typeof value === 'string') return clean(value) as Value;
  if (Array.isArray(value)) return value.map(withoutNul) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const cleaned: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    // Names of tags come from files: this one would not become a property but the prototype.
    if (name !== '__proto__') cleaned[clean(name)] = withoutNul(item);
  }
  return cleaned as Value;
}

/** Nearly all texts are of printable ASCII, in which there is nothing to do. */
const NOT_PLAIN = /[^ -~]/;
const UNWANTED = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function clean(text: string): string {
  return NOT_PLAIN.test(text) ? text.replace(UNWANTED, '').normalize('NFC') : text;
}
