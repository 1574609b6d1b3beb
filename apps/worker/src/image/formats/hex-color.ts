// A colour as the document writes it.

/** #rrggbb, or #rrggbbaa. */
export function hexColor(channels: ArrayLike<number>): string {
  return `#${Buffer.from(Array.from(channels)).toString('hex')}`;
}
