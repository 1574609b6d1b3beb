// Holds an answer against the document: its status, its media type, its body. Knows no operation by name.
import { METHODS } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer, Outcome } from './answer.ts';
import type { Attempt } from './attempt.ts';
import type { Document, Operation } from './document.ts';
import { matcherOf } from './match-operation.ts';
import { isPlain } from './send.ts';
import { mayStaySilent, type Written } from './wire.ts';

export interface Fault {
  /** The same for every occurrence of the same mistake. */
  what: string;
  detail: string;
}

/** The request as it was sent, and what was meant by it. */
export interface Sent extends Written, Pick<Attempt, 'wire' | 'isBent' | 'who'> {
  /** The path names something of another tenant's. */
  isForeign: boolean;
}

export interface Checker {
  /** Undefined: all is as documented. */
  faultOf(sent: Sent, outcome: Outcome): Fault | undefined;
  /** What the request line means to the router. */
  operationOf(sent: Pick<Sent, 'method' | 'target'>): Operation | undefined;
}

const PROBLEM = 'application/problem+json';
/** Node.js takes 16 KiB of head; what is near that may be too much. */
const MUCH_HEAD_CHARACTERS = 12_000;

export function createChecker(document: Document): Checker {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, logger: false });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema(document.whole, 'api');
  const compiled = new Map<string, ValidateFunction>();
  const match = matcherOf(document);

  function bodyFault(answer: Answer, pointer: string[]): string | undefined {
    const name = pointer
      .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
      .join('');
    const validate = compiled.get(name) ?? ajv.compile({ $ref: `api#${name}` });
    compiled.set(name, validate);
    const body = parse(answer.body);
    if (body === undefined) return 'is no JSON';
    return validate(body) ? undefined : ajv.errorsText(validate.errors);
  }

  function documentedFault(operation: Operation, sent: Sent, answer: Answer): Fault | undefined {
    const { status } = answer;
    const response = operation.answers[status];
    if (response === undefined)
      return { what: `status ${status} is not documented`, detail: beginningOf(answer) };
    const type = mediaTypeOf(answer);
    const content = Object.keys(response.content ?? {});
    if (content.length === 0)
      return answer.body.length === 0
        ? undefined
        : { what: `status ${status} has a body that is not documented`, detail: beginningOf(answer) };
    const documented = content.find((one) => matchesType(one, type));
    if (documented === undefined)
      return {
        what: `status ${status} with the media type "${type}" is not documented`,
        detail: beginningOf(answer),
      };
    if (sent.method === 'HEAD' || !/^application\/(.+\+)?json$/.test(type)) return undefined;
    const pointer = [
      'paths',
      operation.path,
      operation.method.toLowerCase(),
      'responses',
      String(status),
      'content',
      documented,
      'schema',
    ];
    const fault = bodyFault(answer, pointer);
    return fault === undefined
      ? undefined
      : {
          what: `the body of status ${status} is not as documented`,
          detail: `${fault}: ${beginningOf(answer)}`,
        };
  }

  /** What was meant, and whether the answer is one that may be given to it. */
  function meantFault(sent: Sent, answer: Answer): Fault | undefined {
    const operation = match(sent.method, sent.target);
    const isNowhere = answer.status === 404 && mediaTypeOf(answer) === PROBLEM;
    if (isNowhere && (operation === undefined || sent.isBent)) return undefined;
    if (operation === undefined)
      return { what: `answered ${answer.status} where there is no operation`, detail: beginningOf(answer) };
    return accessFault(operation, sent, answer) ?? documentedFault(operation, sent, answer);
  }

  function statusFault(sent: Sent, answer: Answer): Fault | undefined {
    const { status } = answer;
    if (status >= 500 && status !== 503) return { what: `answered ${status}`, detail: beginningOf(answer) };
    const isRefusedByParser = status === 400 && mediaTypeOf(answer) === PROBLEM && mayBeBroken(sent);
    return isRefusedByParser ? undefined : meantFault(sent, answer);
  }

  return {
    operationOf: ({ method, target }) => match(method, target),
    faultOf: (sent, outcome) => {
      if ('silence' in outcome) {
        if (outcome.silence === 'hangs') return { what: 'hangs', detail: outcome.reason };
        return mayStaySilent(sent.wire)
          ? undefined
          : { what: 'closed without an answer', detail: outcome.reason };
      }
      const { answer } = outcome;
      return statusFault(sent, answer) ?? problemFault(sent, answer) ?? requestIdFault(answer);
    },
  };
}

/** HTTP itself was bent, so that the parser may refuse it before anybody knows what is meant. */
function mayBeBroken(sent: Sent): boolean {
  const head = sent.headers.reduce(
    (sum, [name, value]) => sum + name.length + value.length + 4,
    sent.target.length,
  );
  return (
    sent.wire !== 'keep-alive' ||
    !isPlain(sent) ||
    /[^\x21-\x7e]/.test(sent.target) ||
    head > MUCH_HEAD_CHARACTERS ||
    !METHODS.includes(sent.method)
  );
}

function accessFault(
  { isPublic, scope }: Operation,
  { who, isForeign }: Sent,
  answer: Answer,
): Fault | undefined {
  if (isPublic || who === 'unclear' || answer.status >= 400) return undefined;
  if (who === 'nobody') return { what: `answered ${answer.status} to nobody`, detail: beginningOf(answer) };
  // Who operates the service sees everybody's.
  if (!isForeign || scope === 'admin') return undefined;
  return { what: `answered ${answer.status} about another tenant's`, detail: beginningOf(answer) };
}

/** RFC 9457, and what this service promises of each problem beyond it. */
function problemFault({ method }: Sent, answer: Answer): Fault | undefined {
  const { status, headers } = answer;
  if (status < 400 || method === 'HEAD' || mediaTypeOf(answer) !== PROBLEM) return undefined;
  const problem = (parse(answer.body) ?? {}) as Record<string, unknown>;
  const isComplete =
    problem.type === `urn:tintype:error:${problem.code}` &&
    problem.status === status &&
    problem.requestId === headers['x-request-id'] &&
    [problem.title, problem.detail, problem.code].every((text) => typeof text === 'string' && text !== '');
  if (!isComplete)
    return { what: `the problem of status ${status} is not complete`, detail: beginningOf(answer) };
  if ((status === 429 || status === 503) && !/^\d+$/.test(headers['retry-after'] ?? ''))
    return { what: `status ${status} without retry-after`, detail: beginningOf(answer) };
  if (status === 401 && headers['www-authenticate'] === undefined)
    return { what: 'status 401 without www-authenticate', detail: beginningOf(answer) };
  if (/node_modules|\.[jt]s:\d+|\bprisma\b/i.test(String(problem.detail)))
    return { what: 'a problem tells of what is inside', detail: beginningOf(answer) };
  return undefined;
}

function requestIdFault(answer: Answer): Fault | undefined {
  if (answer.headers['x-request-id']) return undefined;
  return { what: `status ${answer.status} without x-request-id`, detail: beginningOf(answer) };
}

function mediaTypeOf({ headers }: Answer): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

function matchesType(documented: string, type: string): boolean {
  const [range = ''] = documented.split(';');
  return range === type || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function beginningOf({ status, headers, body }: Answer): string {
  return `${status} ${headers['content-type'] ?? ''} ${body.subarray(0, 400).toString()}`;
}
