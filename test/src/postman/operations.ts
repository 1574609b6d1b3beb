// What a collection tells of a service, read from its OpenAPI document: operations with all that is sent and answered, references resolved.

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description: string;
  schema: Schema;
}

export interface Answer {
  status: number;
  /** Schemas by media type; none: no body. */
  content: Readonly<Record<string, Schema>>;
}

export interface Operation {
  id: string;
  tag: string;
  /** In capitals. */
  method: string;
  /** With names in braces. */
  path: string;
  summary: string;
  description: string;
  parameters: readonly Parameter[];
  /** Schemas by media type. */
  bodies: Readonly<Record<string, Schema>>;
  /** Those that say that it was done, redirections and "as you have it" aside. */
  successes: readonly Answer[];
  /** Who may call it: anybody, whoever shows a key, or only a person who has logged in. */
  caller: 'anybody' | 'key' | 'person';
  /** What a key must be allowed to do. */
  scope: string | undefined;
}

export interface Description {
  title: string;
  description: string;
  /** In the order they are listed. */
  tags: readonly { name: string; description: string }[];
  operations: readonly Operation[];
  /** What a schema is behind its reference. */
  resolve(schema: Schema): Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema; example?: unknown }>;
}

interface WrittenOperation {
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: (Partial<Parameter> & { example?: unknown })[];
  requestBody?: Content;
  responses: Record<string, Content>;
  security?: Record<string, unknown>[];
  'x-scope'?: string;
}

interface Written {
  info: { title: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, WrittenOperation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** Of an OpenAPI 3.1 document whose references name its components. */
export function readDescription(text: string): Description {
  const { info, tags = [], paths, components } = JSON.parse(text) as Written;
  return {
    title: info.title,
    description: info.description ?? '',
    tags: tags.map(({ name, description = '' }) => ({ name, description })),
    operations: Object.entries(paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, written]) => readOperation(path, method.toUpperCase(), written)),
    ),
    resolve: (schema) => {
      const [, name] = /^#\/components\/schemas\/(.+)$/.exec(String(schema.$ref ?? '')) ?? [];
      return name === undefined ? schema : (components?.schemas?.[name] ?? {});
    },
  };
}

function readOperation(path: string, method: string, written: WrittenOperation): Operation {
  return {
    ...{ method, path, id: written.operationId },
    tag: written.tags?.[0] ?? 'other',
    summary: written.summary ?? written.operationId,
    description: written.description ?? '',
    parameters: (written.parameters ?? []).map(readParameter),
    bodies: schemasOf(written.requestBody),
    successes: Object.entries(written.responses)
      .filter(([status]) => /^2\d\d$/.test(status))
      .map(([status, answer]) => ({ status: Number(status), content: schemasOf(answer) })),
    caller: callerOf(written.security),
    scope: written['x-scope'],
  };
}

function readParameter({ example, ...written }: Partial<Parameter> & { example?: unknown }): Parameter {
  const { name = '', in: place = 'query', required = false, description = '', schema = {} } = written;
  return {
    ...{ name, in: place, required },
    description: description || String(schema.description ?? ''),
    schema: example === undefined ? schema : { examples: [example], ...schema },
  };
}

function schemasOf(body: Content | undefined): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(body?.content ?? {}).map(([type, { schema = {}, example }]) => [
      type,
      example === undefined ? schema : { ...schema, examples: [example] },
    ]),
  );
}

function callerOf(security: WrittenOperation['security']): Operation['caller'] {
  if (security === undefined || security.length === 0) return 'anybody';
  return security.some((scheme) => 'apiKey' in scheme) ? 'key' : 'person';
}
