// What docs/openapi.json promises, held against every answer that a test sees.
import { Compile } from 'typebox/schema';

interface Content {
  schema: object;
}
interface Operation {
  responses: Record<string, { content?: Record<string, Content> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

export interface SeenAnswer {
  method: string;
  /** As it was asked for, with or without a version and a query. */
  path: string;
  status: number;
  contentType: string;
  body: Buffer;
}

/** @throws Error that says what was not promised */
export type Contract = (answer: SeenAnswer) => void;

const NOT_OPERATIONS = /^\/(docs|openapi\.json)/;

export function readContract(openApi: object): Contract {
  const { paths, components } = openApi as Document;
  const operations = Object.entries(paths).map(([pattern, byMethod]) => ({
    path: pattern,
    pattern: new RegExp(`^${pattern.replace('{path}', '.+').replace(/\{\w+\}/g, '[^/]+')}$`),
    byMethod,
  }));

  function find(method: string, path: string): Operation | undefined {
    const [plain = ''] = path.split('?');
    const versioned = plain.replace(
      /^\/(?=(jobs|uploads|images|files|tags|signed-urls|delivery-keys|users|sessions|api-keys|plans|usage|webhook-\w+|events|request-logs)(\/|$))/,
      '/v1/',
    );
    // A path that is written out goes before one with a name in it.
    const found =
      operations.find(({ path: written }) => written === versioned) ??
      operations.find(({ pattern }) => pattern.test(versioned));
    return found?.byMethod[(method === 'HEAD' ? 'GET' : method).toLowerCase()];
  }

  function fault({ method, path, status, contentType, body }: SeenAnswer): string | undefined {
    const operation = find(method, path);
    if (operation === undefined)
      return [400, 404].includes(status) ? undefined : 'no such operation is documented';
    const response = operation.responses[status];
    if (response === undefined) return 'the status is not documented';
    const schema = schemaOf(response.content ?? {}, contentType);
    if (schema === undefined || method === 'HEAD') return undefined;
    const [valid, errors] = Compile({ ...schema, components }).Errors(JSON.parse(body.toString()));
    return valid ? undefined : `the body is not as documented: ${JSON.stringify(errors)}`;
  }

  return (answer) => {
    const { method, path, status, contentType } = answer;
    const wrong = NOT_OPERATIONS.test(path) ? undefined : fault(answer);
    if (wrong !== undefined) throw new Error(`${method} ${path} answered ${status} ${contentType}: ${wrong}`);
  };
}

/** The schema of a JSON answer; undefined where bytes or text are answered. */
function schemaOf(content: Record<string, Content>, contentType: string): object | undefined {
  const [mediaType = ''] = contentType.split(';');
  return /[/+]json$/.test(mediaType) ? (content[mediaType]?.schema ?? { not: {} }) : undefined;
}
