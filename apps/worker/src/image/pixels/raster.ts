// A small picture in memory: RGBA, 8 bits, sRGB, rows from the top, alpha not premultiplied. Every pixel fact is worked out of one.

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel. */
  readonly rgba: Uint8Array;
}

/** One value a pixel, rows from the top. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * Turns what is stored into what is displayed (EXIF 3.0, 4.6.5.1.6): 2 is mirrored left to right, 3 turned by 180°, 4 mirrored top to
 * bottom, 6 to be turned clockwise, 8 anticlockwise, 5 and 7 both mirrored and turned.
 */
export function orient(raster: Raster, orientation: number): Raster {
  if (!(orientation >= 2 && orientation <= 8)) return raster;
  const swaps = orientation >= 5;
  const width = swaps ? raster.height : raster.width;
  const height = swaps ? raster.width : raster.height;
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  // Copied, for views of whole pixels must begin at a multiple of four.
  const from = new Uint32Array(Uint8Array.from(raster.rgba).buffer);
  const to = from.map((_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const [alongX, alongY] = swaps ? [y, x] : [x, y];
    const column = fromRight ? raster.width - 1 - alongX : alongX;
    const row = fromBottom ? raster.height - 1 - alongY : alongY;
    return from[row * raster.width + column] ?? 0;
  });
  return { width, height, rgba: new Uint8Array(to.buffer) };
}

/** Red, green and blue, 0 to 255, as on a white page: what has no alpha sees a transparent picture like that. */
export function onWhite({ width, height, rgba }: Raster): [Plane, Plane, Plane] {
  const plane = (offset: number): Plane => {
    const values = new Float32Array(width * height);
    for (let pixel = 0, at = 0; pixel < values.length; pixel += 1, at += 4) {
      const alpha = rgba[at + 3] ?? 0;
      values[pixel] = 255 + (((rgba[at + offset] ?? 0) - 255) * alpha) / 255;
    }
    return { width, height, values };
  };
  return [plane(0), plane(1), plane(2)];
}

/** Luma, 0 to 255, of gamma-coded red, green and blue (ITU-R BT.601, 2.5.1), as it is usual for image hashes. */
export function lumaOf([red, green, blue]: readonly [Plane, Plane, Plane]): Plane {
  const values = new Float32Array(red.values.length);
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    values[pixel] =
      0.299 * (red.values[pixel] ?? 0) +
      0.587 * (green.values[pixel] ?? 0) +
      0.114 * (blue.values[pixel] ?? 0);
  }
  return { width: red.width, height: red.height, values };
}
