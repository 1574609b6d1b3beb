// A place in the feed of events as it is written in an address: `<transaction>-<number>`, or `now`.
import { AppError } from '@tintype/core';

export const END_OF_FEED = 'now';
export const CURSOR_PATTERN = `^(${END_OF_FEED}|\\d{1,19}-\\d{1,19})$`;

/** PostgreSQL's bigint. */
const MOST = 2n ** 63n - 1n;

/** @throws AppError INVALID_REQUEST */
export function readCursor(text: string | undefined): { xact: bigint; seq: bigint } | undefined {
  if (text === undefined) return undefined;
  const [xact, seq] = text.split('-').map(BigInt);
  if (xact !== undefined && seq !== undefined && xact <= MOST && seq <= MOST) return { xact, seq };
  throw new AppError('INVALID_REQUEST', {
    message: 'after is no cursor of this feed.',
    problems: [{ pointer: '/after', message: 'is no cursor of this feed' }],
  });
}
