// Arithmetic of IPv4 networks.

/** First and last address, as numbers. */
export type Block = readonly [first: number, last: number];

/** @param text e.g. 10.42.0.0/16 @throws Error where it is none, or where bits behind the mask are set */
export function blockOf(text: string): Block {
  const [, address = '', bits = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  if (address === '' || first % size !== 0) throw new Error(`${text} is no network`);
  return [first, first + size - 1];
}

export const contains = (outer: Block, inner: Block): boolean => outer[0] <= inner[0] && inner[1] <= outer[1];
export const overlap = (one: Block, other: Block): boolean => one[0] <= other[1] && other[0] <= one[1];
