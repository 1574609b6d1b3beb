// The size of an SVG in CSS pixels, from its root element (SVG 2, 8.2 and 8.12; CSS Values and Units 4, 6.2).

/** CSS pixels. Relative units have none: what they are relative to is not in the file. */
const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  pt: 96 / 72,
  pc: 16,
};

/** No length that means anything is longer, and the pattern below must not be made to work. */
const MAX_LENGTH_CHARACTERS = 64;
const LENGTH = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(px|in|cm|mm|q|pt|pc)?$/;

export interface Size {
  width?: number;
  height?: number;
}

/**
 * What width and height say; where one of them says nothing, the other and the ratio of the view box; where both say nothing, the
 * view box. Whole pixels, at least one.
 */
export function sizeOf(attributes: Readonly<Record<string, string>>): Size {
  const [width, height] = [lengthOf(attributes.width), lengthOf(attributes.height)];
  const box = viewBoxOf(attributes.viewBox);
  const ratio = box === undefined ? undefined : box.width / box.height;
  const either = width === undefined && height === undefined ? box : undefined;
  return {
    ...whole('width', width ?? either?.width ?? times(height, ratio)),
    ...whole('height', height ?? either?.height ?? times(width, ratio && 1 / ratio)),
  };
}

function whole(name: 'width' | 'height', value: number | undefined): Size {
  if (value === undefined || !Number.isSafeInteger(Math.round(value))) return {};
  return { [name]: Math.max(1, Math.round(value)) };
}

function times(value: number | undefined, factor: number | undefined): number | undefined {
  return value === undefined || factor === undefined ? undefined : value * factor;
}

function lengthOf(text = ''): number | undefined {
  if (text.length > MAX_LENGTH_CHARACTERS) return undefined;
  const [, number, unit = ''] = LENGTH.exec(text.trim().toLowerCase()) ?? [];
  const pixels = Number(number) * (PIXELS[unit] ?? Number.NaN);
  return pixels > 0 ? pixels : undefined;
}

function viewBoxOf(text = ''): { width: number; height: number } | undefined {
  if (text.length > 4 * MAX_LENGTH_CHARACTERS) return undefined;
  const numbers = text.trim().split(/[\s,]+/);
  const [width, height] = [Number(numbers[2]), Number(numbers[3])];
  return numbers.length === 4 && width > 0 && height > 0 ? { width, height } : undefined;
}
