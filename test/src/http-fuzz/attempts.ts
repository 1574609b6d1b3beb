// Makes requests to an operation: some as it wants them, some with one thing wrong, some with everything wrong.
import fc, { type Arbitrary } from 'fast-check';
import type { Attempt, Body, Header } from './attempt.ts';
import { bodyOf } from './bodies.ts';
import { credentialsOf } from './credentials.ts';
import type { Document, Operation } from './document.ts';
import { declaredHeaders, strangeHeaders } from './headers.ts';
import { BENDS, pathOf, queryOf } from './paths.ts';
import type { Pictures } from './pictures.ts';
import { WIRE_TWISTS, type WireTwist } from './wire.ts';

interface Ground {
  document: Document;
  pictures: Pictures;
}

const ASPECTS = ['path', 'query', 'headers', 'body', 'credentials', 'method', 'spelling', 'wire'] as const;
type Aspect = (typeof ASPECTS)[number];

const METHODS = [
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'DELETE',
  'POST',
  'GET',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'get',
  'FOO',
  'M-SEARCH',
];

/** Any request to the operation. */
export function attemptsAt(operation: Operation, ground: Ground): Arbitrary<Attempt> {
  const right = attemptAt(operation, new Set(), ground);
  const wrong = usefulAspects(operation).map((aspect) => attemptAt(operation, new Set([aspect]), ground));
  const allWrong = attemptAt(operation, new Set(['path', 'query', 'headers', 'body']), ground);
  return fc.oneof(
    // What goes wrong with a right request is told of a right one.
    { withCrossShrink: true },
    { weight: wrong.length, arbitrary: right },
    ...wrong.map((arbitrary) => ({ weight: 2, arbitrary })),
    allWrong,
  );
}

/** Where there is no variable, a path can only be spelt otherwise. */
function usefulAspects({ path }: Operation): Aspect[] {
  return ASPECTS.filter((aspect) => aspect !== 'path' || path.includes('{'));
}

function attemptAt(
  operation: Operation,
  wrong: ReadonlySet<Aspect>,
  { document, pictures }: Ground,
): Arbitrary<Attempt> {
  const about = { document, operation };
  const strange = wrong.has('headers') ? strangeHeaders(operation) : fc.constant<Header[]>([]);
  return fc
    .record({
      path: pathOf({ ...about, isHostile: wrong.has('path') }),
      query: queryOf({ ...about, isHostile: wrong.has('query') }),
      declared: declaredHeaders(about),
      strange,
      credential: credentialsOf(operation, { isHostile: wrong.has('credentials') }),
      body: bodyOf({ ...about, pictures, isHostile: wrong.has('body') }),
      method: wrong.has('method') ? fc.constantFrom(...METHODS) : fc.constant(operation.method),
      bend: wrong.has('spelling') ? fc.constantFrom(...BENDS) : fc.constant(asItIs),
      wire: wrong.has('wire') ? fc.constantFrom(...WIRE_TWISTS) : fc.constant<WireTwist>('keep-alive'),
    })
    .map(({ path, query, declared, strange, credential, body, method, bend, wire }) => {
      const added = new Set(strange.map(([name]) => name.toLowerCase()));
      return {
        operationId: operation.id,
        who: credential.who,
        method,
        target: bend(`${path}${query}`),
        headers: [
          ...credential.headers,
          ...declared.filter(([name]) => !added.has(name.toLowerCase())),
          ...typeOf(body),
          ...strange,
        ],
        body: body?.bytes,
        wire,
        isBent: wrong.has('method') || wrong.has('spelling') || wrong.has('path'),
      };
    });
}

const asItIs = (target: string) => target;

function typeOf(body: Body | undefined): Header[] {
  return body?.type === undefined ? [] : [['content-type', body.type]];
}
