// JSON as it goes over the wire, also such as JSON.stringify refuses to write: names given twice, `__proto__`, numbers without end.

/** Stands in the text as it is. */
export class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An object by its entries: in their order, and any name as often as it likes. */
export class Entries {
  readonly entries: readonly (readonly [name: string, value: unknown])[];
  constructor(entries: Entries['entries']) {
    this.entries = entries;
  }
}

export function toJson(value: unknown): string {
  if (value instanceof Literal) return value.text;
  if (value instanceof Entries)
    return `{${value.entries.map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner)}`).join(',')}}`;
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  return JSON.stringify(value) ?? 'null';
}

/** The texts of a value in a query, a header or a form: a list is several. */
export function toTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(toText);
  return [toText(value)];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : toJson(value);
}
