// One request of the collection: address, headers, body, who sends it, and what is looked at in the answer.
import type { Description, Operation, Parameter, Schema } from './operations.ts';
import { PICTURE, type Recipe } from './recipes.ts';
import { testScript } from './scripts.ts';
import { exampleOf } from './shape.ts';

interface Pair {
  key: string;
  value: string;
  description?: string;
  disabled?: true;
}

export interface Item {
  name: string;
  event: object[];
  request: {
    method: string;
    header: Pair[];
    url: { raw: string; host: string[]; path: string[]; query?: Pair[]; variable?: Pair[] };
    auth?: object;
    body?: object;
    description: string;
  };
  protocolProfileBehavior: object;
}

interface About {
  operation: Operation;
  /** Of its request; undefined: it has none. */
  bodyType: string | undefined;
  recipe: Recipe;
  title: string;
}

const FORM = 'multipart/form-data';

/** @throws Error for a parameter whose value nobody knows */
export function makeItem({ operation, bodyType, recipe, title }: About, { resolve }: Description): Item {
  const { method, successes } = operation;
  const auth = authOf(operation, recipe);
  const body = bodyOf({ operation, bodyType, recipe, title }, resolve);
  return {
    name: title,
    event: [
      ...(recipe.before === undefined ? [] : [script('prerequest', recipe.before)]),
      script('test', testScript(successes, recipe.keep, resolve)),
    ],
    request: {
      method,
      header: [...headersOf(operation, recipe, bodyType), ...cookieOf(operation)],
      url: urlOf(operation, recipe),
      ...(auth !== undefined && { auth }),
      ...(body !== undefined && { body }),
      description: descriptionOf(operation),
    },
    // A session is sent where it is wanted, and nowhere else.
    protocolProfileBehavior: { disableCookies: true },
  };
}

function script(listen: string, exec: string[]): object {
  return { listen, script: { type: 'text/javascript', exec } };
}

function authOf({ caller }: Operation, { isKeyless = false }: Recipe): object | undefined {
  return caller === 'key' && !isKeyless ? undefined : { type: 'noauth' };
}

function cookieOf({ caller }: Operation): Pair[] {
  return caller === 'person' ? [{ key: 'Cookie', value: '{{session}}' }] : [];
}

function descriptionOf({ description, scope, caller }: Operation): string {
  const needs = caller === 'person' ? 'a person who has logged in' : scope && `the scope \`${scope}\``;
  return [description, needs && `Needs ${needs}.`].filter(Boolean).join('\n\n');
}

function headersOf(
  { parameters }: Operation,
  { headers = {} }: Recipe,
  bodyType: string | undefined,
): Pair[] {
  const named = parameters.filter((one) => one.in === 'header').map((one) => pairOf(one, headers[one.name]));
  const known = new Set(named.map(({ key }) => key));
  const more = Object.entries(headers).filter(([key]) => !known.has(key));
  const isTyped = bodyType === undefined || bodyType === FORM || 'content-type' in headers;
  return [
    ...(isTyped ? [] : [{ key: 'content-type', value: bodyType }]),
    ...named,
    ...more.map(([key, value]) => ({ key, value })),
  ];
}

/** What is not needed is shown, and not sent unless a value is given. */
function pairOf({ name, description, schema, required }: Parameter, given: string | undefined): Pair {
  const isNeeded = required && schema.default === undefined;
  const example = exampleOf(schema, (one) => one);
  const value = given ?? (example === undefined ? '' : String(example));
  return {
    ...{ key: name, value },
    ...(description !== '' && { description }),
    ...(given === undefined && !isNeeded && { disabled: true as const }),
  };
}

function urlOf({ path, parameters }: Operation, recipe: Recipe): Item['request']['url'] {
  const segments = path.split('/').slice(1);
  const given = recipe.query ?? {};
  const named = parameters.filter((one) => one.in === 'query').map((one) => pairOf(one, given[one.name]));
  const known = new Set(named.map(({ key }) => key));
  const more = Object.entries(given).filter(([key]) => !known.has(key));
  const query = [...named, ...more.map(([key, value]) => ({ key, value }))];
  const variable = segments.flatMap((segment, at) => {
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
    return name === undefined ? [] : [{ key: name, value: pathValue(path, segments, at, recipe) }];
  });
  const written = writtenPath(path);
  const sent = query.filter((one) => !('disabled' in one));
  const search = sent.map(({ key, value }) => `${key}=${value}`).join('&');
  return {
    raw: `{{baseUrl}}/${written.join('/')}${search && `?${search}`}`,
    host: ['{{baseUrl}}'],
    path: written,
    ...(query.length > 0 && { query }),
    ...(variable.length > 0 && { variable }),
  };
}

/** `/v1/jobs/{id}` → v1, jobs, :id */
export function writtenPath(path: string): string[] {
  const segments = path.split('/').slice(1);
  return segments.map((segment) => segment.replace(/^\{(.+)\}$/, ':$1'));
}

/** What is named in a recipe, or the id of what stands before it: `/v1/webhook-endpoints/{id}` wants `{{webhookEndpointId}}`. */
function pathValue(path: string, segments: string[], at: number, recipe: Recipe): string {
  const name = (segments[at] ?? '').slice(1, -1);
  const given = recipe.path?.[name];
  if (given !== undefined) return given;
  const before = segments[at - 1];
  if (name !== 'id' || before === undefined)
    throw new Error(`A line in test/src/postman/recipes.ts must say what ${path} is asked with.`);
  return `{{${idVariable(before)}}}`;
}

/** `webhook-endpoints` → `webhookEndpointId` */
export function idVariable(collection: string): string {
  const one = collection.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
  return `${one.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Id`;
}

function bodyOf({ operation, bodyType, recipe }: About, resolve: Description['resolve']): object | undefined {
  if (bodyType === undefined) return undefined;
  const schema = resolve(operation.bodies[bodyType] ?? {});
  if (bodyType === FORM) return { mode: 'formdata', formdata: formFields(schema, recipe) };
  if (bodyType !== 'application/json') return { mode: 'file', file: { src: PICTURE.path } };
  const example = exampleOf(schema, resolve) as object | undefined;
  const raw = JSON.stringify({ ...example, ...recipe.json }, null, 2);
  return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
}

function formFields(schema: Schema, { form = {} }: Recipe): object[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  return properties.map(([key, field]) => {
    const description = field.description === undefined ? {} : { description: field.description };
    if (field.format === 'binary') return { key, type: 'file', src: PICTURE.path, ...description };
    const value = form[key];
    return {
      key,
      type: 'text',
      value: value ?? '',
      ...(value === undefined && { disabled: true }),
      ...description,
    };
  });
}
