// How values are taken from what ExifTool answers (-json -n -G1): names are Group:Tag, values are numbers or text.

export type Tags = Readonly<Record<string, unknown>>;

/** How the pixels are coded, in the words of the document. */
export interface Coding {
  bitDepth?: number | undefined;
  channels?: number | undefined;
  hasAlpha?: boolean | undefined;
  process?: string | undefined;
  chromaSubsampling?: string | undefined;
  method?: string | undefined;
  lossless?: boolean | undefined;
  model?: string | undefined;
}

/** The first of these tags that is there. */
export function tagOf(tags: Tags, ...names: readonly string[]): unknown {
  return names.map((name) => tags[name]).find((value) => value !== undefined);
}

/** Numbers of a value, which may be a number, several in a text ("8 8 8") or a list. */
export function numbersOf(tags: Tags, ...names: readonly string[]): number[] {
  const text = String(tagOf(tags, ...names) ?? '').trim();
  return text === '' ? [] : text.split(/[\s,]+/).map(Number);
}

/** The first number of the first of these tags that is there; undefined where that is none. */
export function numberOf(tags: Tags, ...names: readonly string[]): number | undefined {
  const [number] = numbersOf(tags, ...names);
  return Number.isFinite(number) ? number : undefined;
}

/** As its own list says; undefined for what is not listed. */
export function named<T>(list: Readonly<Record<number, T>>, code: number | undefined): T | undefined {
  return code === undefined ? undefined : list[code];
}

export function has(tags: Tags, name: RegExp): boolean {
  return Object.keys(tags).some((key) => name.test(key));
}
