// What a service says of itself in OpenAPI, as far as the fuzzer asks: operations, what they take and what they may answer.

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Schema;
}

export interface Answers {
  /** By status. */
  [status: string]: { content?: Record<string, { schema?: Schema }> };
}

export interface Operation {
  id: string;
  /** In capitals. */
  method: string;
  /** As written, with names in braces. */
  path: string;
  parameters: readonly Parameter[];
  /** Schemas by media type. */
  bodies: Readonly<Record<string, Schema>>;
  answers: Answers;
  /** Who is not known is let in. */
  isPublic: boolean;
  /** What a caller must be allowed to do, where the document says so. */
  scope: string | undefined;
}

export interface Document {
  /** As it was read: what references point into. */
  whole: object;
  operations: readonly Operation[];
}

interface WrittenOperation {
  operationId?: string;
  parameters?: (Partial<Parameter> & { example?: unknown })[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Answers;
  security?: object[];
  'x-scope'?: string;
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace']);

/** Every operation of an OpenAPI 3.1 document, without the fuzzer knowing any of them. */
export function readDocument(whole: object): Document {
  const { paths = {} } = whole as { paths?: Record<string, Record<string, WrittenOperation>> };
  const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod)
      .filter(([method]) => METHODS.has(method))
      .map(([method, written]) => readOperation(path, method.toUpperCase(), written)),
  );
  return { whole, operations };
}

function readOperation(path: string, method: string, written: WrittenOperation): Operation {
  const { operationId, parameters = [], requestBody, responses = {}, security = [] } = written;
  return {
    id: operationId ?? `${method} ${path}`,
    method,
    path,
    parameters: parameters.map(
      ({ name = '', in: place = 'query', required = false, schema = {}, example }) => ({
        ...{ name, in: place, required },
        schema: example === undefined ? schema : { examples: [example], ...schema },
      }),
    ),
    bodies: Object.fromEntries(
      Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [type, schema]),
    ),
    answers: responses,
    isPublic: security.length === 0,
    scope: written['x-scope'],
  };
}

/** What a schema is behind its references. */
export function resolve(schema: Schema, { whole }: Pick<Document, 'whole'>): Schema {
  const { $ref, ...rest } = schema;
  if (typeof $ref !== 'string') return schema;
  const names = $ref
    .replace(/^#\//, '')
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = names.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | undefined)?.[name],
    whole,
  );
  return { ...resolve((found ?? {}) as Schema, { whole }), ...rest };
}
