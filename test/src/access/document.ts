// What the service's own OpenAPI document says of a route: its examples, what it needs, and how it answers well.
import { isSafe, nameOf, type Route } from './route-table.ts';

interface Media {
  schema?: Schema;
  example?: unknown;
}

interface Schema {
  $ref?: string;
  examples?: unknown[];
  example?: unknown;
  default?: unknown;
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema; example?: unknown }[];
  requestBody?: { content?: Record<string, Media> };
  responses: Record<string, unknown>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: Record<string, Schema> };
}

/** Undefined for routes that the document does not show. */
function operationOf({ paths }: Document, { method, url }: Route): Operation | undefined {
  return paths[documentedPath(url)]?.[(method === 'HEAD' ? 'GET' : method).toLowerCase()];
}

/** Operations of the document that no route was registered for, and routes that say they are operations and are not in it. */
export function mismatches(document: Document, routes: readonly Route[]): string[] {
  const registered = new Set(routes.map(({ method, url }) => `${method} ${documentedPath(url)}`));
  const documented = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.keys(byMethod).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const unregistered = documented.filter((one) => !registered.has(one));
  const unknown = routes.filter((one) => one.operationId !== undefined && !operationOf(document, one));
  return [
    ...unregistered.map((one) => `${one} is documented and was not registered`),
    ...unknown.map((one) => `${nameOf(one)} was registered and is not documented`),
  ];
}

/** The rest of a path is called so in the document. */
function documentedPath(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}');
}

export function isDocumentedSuccess(document: Document, route: Route, status: number): boolean {
  const operation = operationOf(document, route);
  const isSuccess = status >= 200 && status < 400;
  return isSuccess && (operation === undefined || String(status) in operation.responses);
}

/** The example of its JSON body; undefined: it takes none. @throws Error when there is none and it wants one */
export function exampleBody(document: Document, route: Route): unknown {
  const content = isSafe(route) ? undefined : operationOf(document, route)?.requestBody?.content;
  if (content === undefined) return undefined;
  const { schema, example } = content['application/json'] ?? {};
  const resolved = resolve(schema, document);
  const found = example ?? resolved?.examples?.[0] ?? resolved?.example;
  if (found === undefined)
    throw new Error('it wants a body, and there is neither an example nor one in bodies.ts');
  return found;
}

/** `?…` with what it can't be asked without. @throws Error when there is no example of one */
export function requiredQuery(document: Document, route: Route): string {
  const needed =
    operationOf(document, route)?.parameters?.filter((one) => one.in === 'query' && one.required) ?? [];
  const pairs = needed.flatMap(({ name, schema, example }) => {
    const resolved = resolve(schema, document);
    // What has a default is required of the parsed query alone.
    if (resolved?.default !== undefined) return [];
    const value = example ?? resolved?.examples?.[0] ?? resolved?.example;
    if (value === undefined) throw new Error(`its query needs ${name}, of which there is no example`);
    return [`${name}=${encodeURIComponent(String(value))}`];
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function resolve(schema: Schema | undefined, { components }: Document): Schema | undefined {
  const [, name] = /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? '') ?? [];
  return name === undefined ? schema : components.schemas?.[name];
}
