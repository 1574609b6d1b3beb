// PostgreSQL's jsonb holds no NUL, and no half of a surrogate pair: both are taken out of every text, and NFC put in.

export function withoutNul<Value>(value: Value): Value {
  if (typeof value === 'string') return clean(value) as Value;
  if (Array.isArray(value)) return value.map(withoutNul) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [clean(key), withoutNul(item)]),
  ) as Value;
}

const UNWANTED = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function clean(text: string): string {
  return text.replace(UNWANTED, '').normalize('NFC');
}
