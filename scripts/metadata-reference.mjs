// The reference of every field of the metadata document, in Markdown, from its schema.

/** @param schema a TypeBox schema: JSON Schema with `x-unit` and `x-source` */
export function metadataReference(schema) {
  const rows = rowsOf(schema, '').map((cells) => `| ${cells.join(' | ')} |`);
  return `# Every field of the metadata document

Made from the schema by \`npm run describe\`. The schema itself is [metadata.schema.json](metadata.schema.json), and \`Metadata\` in
[openapi.json](openapi.json). A field that is not there is not known; only what is marked ● is always there.

| field | type | unit | source | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function rowsOf(schema, path) {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = (schema.required ?? []).includes(name);
    const inner = field.anyOf?.find((one) => one.type !== 'null') ?? field;
    const full = path === '' ? name : `${path}.${name}`;
    const about = [inner.description ?? field.description ?? '', ...wordsOf(inner)].filter(Boolean).join(' ');
    const row = [
      `\`${full}\`${required ? ' ●' : ''}`,
      typeOf(field),
      inner['x-unit'] ?? '',
      inner['x-source'] ?? '',
      about.replaceAll('|', '\\|'),
    ];
    const item = inner.type === 'array' ? inner.items : undefined;
    const children = item?.properties === undefined ? rowsOf(inner, full) : rowsOf(item, `${full}[]`);
    return [row, ...children];
  });
}

function typeOf(schema) {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return 'word';
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.format === 'date-time') return 'time';
  return schema.type ?? 'any';
}

function wordsOf({ enum: words }) {
  return words === undefined ? [] : [`One of ${words.map((word) => `\`${word}\``).join(', ')}.`];
}
