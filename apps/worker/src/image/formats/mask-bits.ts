// How many bits of a pixel a channel has, by the mask that cuts it out.

/** From the lowest set bit to the highest; 0 without any. */
export function maskBits(mask: number): number {
  return mask === 0 ? 0 : 32 - Math.clz32(mask) - (31 - Math.clz32(mask & -mask));
}
