// The request that somebody makes on a route: its path, its query, its body, and what he shows; and whether it was answered well.
import { randomUUID } from 'node:crypto';
import type { Pictures } from '../service/pictures.ts';
import type { Headers } from './accounts.ts';
import { type Body, ownBody } from './bodies.ts';
import { type Document, exampleBody, isDocumentedSuccess, requiredQuery } from './document.ts';
import type { PrincipalName } from './expectations.ts';
import { pathOf } from './fixtures.ts';
import { type Answer, json, type Order } from './http.ts';
import { peculiarAnswer } from './peculiar.ts';
import type { Person } from './people.ts';
import { isSafe, nameOf, type Route } from './route-table.ts';

export interface About {
  /** Of the route's parameters. */
  values: Record<string, string>;
  shown: Headers;
  caller: Person;
  /** Somebody who may log in. */
  visitor: Person;
}

interface Parts {
  document: Document;
  hookUrl: string;
  upload: () => Body;
}

/** @throws Error when something is not known that the route needs */
export function orderOf(route: Route, about: About, parts: Parts): Order {
  const { headers, body } = bodyOf(route, about, parts);
  const path = pathOf(route, about.values) + requiredQuery(parts.document, route);
  return { method: route.method, path, headers: { ...headers, ...about.shown }, body };
}

function bodyOf(route: Route, about: About, { document, ...parts }: Parts): Body {
  if (isSafe(route)) return { headers: {} };
  const own = ownBody(nameOf(route), { ...about, ...parts });
  if (own !== undefined) return own;
  const example = exampleBody(document, route);
  return example === undefined ? { headers: {} } : json(example);
}

/** As the document says, or as the exceptions do. */
export function isGoodAnswer(
  route: Route,
  { status, code }: Answer,
  { principal, document }: { principal: PrincipalName; document: Document },
): boolean {
  const peculiar = peculiarAnswer(route, principal);
  if (peculiar !== undefined) return [`${status}`, `${status} ${code}`].includes(peculiar);
  return isDocumentedSuccess(document, route, status);
}

const BOUNDARY = 'tintype-access-5b1d';

/** A form with a picture that nobody has sent before; `waitSeconds`: answered when all is known of it. */
export function pictureForm(pictures: Pictures, waitSeconds: number): Body {
  const { bytes, fileName, mimeType } = pictures.make(0, randomUUID());
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="image"; filename="${fileName}"\r\ncontent-type: ${mimeType}\r\n\r\n`;
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      prefer: `wait=${waitSeconds}`,
    },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
  };
}
