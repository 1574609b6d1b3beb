// How a principal whose requests are limited stands, as headers: the same of every operation that wants to know who asks.

const header = (type: 'string' | 'integer', description: string) => ({ description, schema: { type } });

/** As components of the OpenAPI document; see limits/request-windows.ts. */
export const STANDING = {
  'ratelimit-limit': header(
    'integer',
    'Requests in the window with the least room. Told to those whose requests are limited, like the other three.',
  ),
  'ratelimit-remaining': header('integer', 'How many of them are left.'),
  'ratelimit-reset': header('integer', 'Seconds until that window ends.'),
  'ratelimit-policy': header('string', 'All windows: `10;w=1, 10000;w=86400`.'),
} as const;

const REFERENCES = Object.fromEntries(
  Object.keys(STANDING).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);

interface Operation {
  security?: unknown;
  responses?: Record<string, unknown>;
}

/** Adds them to what is answered to somebody who is known: to successes, and to the refusal that they explain. */
export function tellStanding<Document extends { paths?: object }>(document: Document): Document {
  const operations = Object.values(document.paths ?? {}).flatMap((path: Record<string, Operation>) =>
    Object.values(path),
  );
  for (const { security, responses = {} } of operations) {
    if (security === undefined) continue;
    for (const [status, response] of Object.entries(responses)) {
      if (!/^(2..|429)$/.test(status)) continue;
      const answer = response as { headers?: object };
      answer.headers = { ...answer.headers, ...REFERENCES };
    }
  }
  return document;
}
