// docs/postman_collection.json, made from docs/openapi.json: every operation once for each kind of body it takes, in an order that runs
// from top to bottom. Always the same text for the same document: the ready-made converter makes up ids and values at random.
import { type Item, idVariable, makeItem } from './item.ts';
import { type Description, type Operation, readDescription } from './operations.ts';
import { RANKS, RECIPES, type Recipe, VARIABLES } from './recipes.ts';

interface Entry {
  operation: Operation;
  rank: number;
  isLast: boolean;
  item: Item;
}

const LAST = { name: 'in the end', description: 'What takes away what the others need.' };

/** @param openApi the text of an OpenAPI 3.1 document @throws Error for an operation that wants a line in recipes.ts */
export function makeCollection(openApi: string): string {
  const description = readDescription(openApi);
  const entries = description.operations.flatMap((operation) => entriesOf(operation, description));
  const ordered = entries
    .map((entry, at) => ({ entry, at }))
    .sort((one, other) => one.entry.rank - other.entry.rank || one.at - other.at)
    .map(({ entry }) => entry);
  const folders = description.tags.map(({ name, description: about }) => ({
    name,
    description: about,
    item: ordered
      .filter(({ operation, isLast }) => operation.tag === name && !isLast)
      .map(({ item }) => item),
  }));
  const last = { ...LAST, item: ordered.filter(({ isLast }) => isLast).map(({ item }) => item) };
  const collection = {
    info: {
      name: description.title,
      description: `${description.description}\n\nSet the variable \`apiKey\` to the key that \`npm start\` prints, \`baseUrl\` to where it listens, then run the whole collection, or: npm run test:postman`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: {
      type: 'apikey',
      apikey: [
        { key: 'key', value: 'X-API-Key', type: 'string' },
        { key: 'value', value: '{{apiKey}}', type: 'string' },
        { key: 'in', value: 'header', type: 'string' },
      ],
    },
    variable: variablesOf(entries),
    item: [...folders, last].filter(({ item }) => item.length > 0),
  };
  return `${JSON.stringify(collection, null, 1)}\n`;
}

function entriesOf(operation: Operation, description: Description): Entry[] {
  const types = Object.keys(operation.bodies);
  const bodyTypes = types.length === 0 ? [undefined] : types;
  return bodyTypes.flatMap((bodyType, at) => {
    const recipe = RECIPES[at === 0 ? operation.id : `${operation.id} ${bodyType}`] ?? {};
    const title = at === 0 ? operation.summary : `${operation.summary} (${bodyType})`;
    const { also = [] } = recipe;
    return [{ title, ...recipe }, ...also].map((one) => entryOf(operation, bodyType, one, description));
  });
}

function entryOf(
  operation: Operation,
  bodyType: string | undefined,
  { title, ...recipe }: Recipe & { title: string },
  description: Description,
): Entry {
  const { rank = RANKS[operation.method] ?? 50, isLast = false } = recipe;
  const item = makeItem(
    { operation, bodyType, recipe: { ...remembering(operation, description), ...recipe }, title },
    description,
  );
  return { operation, rank, isLast, item };
}

/** `POST /v1/things` that answers with an id is where {{thingId}} comes from. */
function remembering({ method, path, successes }: Operation, { resolve }: Description): Recipe {
  if (method !== 'POST' || path.includes('{')) return {};
  const schemas = successes.map(({ content }) => resolve(content['application/json'] ?? {}));
  const hasId = schemas.some(({ required = [] }) => (required as string[]).includes('id'));
  return hasId ? { keep: { [idVariable(path.split('/').at(-1) ?? '')]: 'id' } } : {};
}

/** Those that are given, and those that a run fills in. */
function variablesOf(entries: readonly Entry[]): object[] {
  const used = [...JSON.stringify(entries.map(({ item }) => item)).matchAll(/\{\{(\w+)\}\}/g)].map(
    ([, name = '']) => name,
  );
  const names = new Set([...Object.keys(VARIABLES), ...used]);
  return [...names].map((key) => ({ key, value: VARIABLES[key] ?? '' }));
}
