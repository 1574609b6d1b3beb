// The notation J:a:b for how coarsely the colours of a picture are sampled.

const WORDS: Readonly<Record<string, string>> = {
  '1x1': '4:4:4',
  '2x1': '4:2:2',
  '2x2': '4:2:0',
  '1x2': '4:4:0',
  '4x1': '4:1:1',
  '4x2': '4:1:0',
  '1x4': '4:4:1',
  '2x4': '4:2:1',
};

/** By how many times coarser than the luminance the colours are; undefined where the notation has no word, as for 3 to 2. */
export function subsamplingWord(horizontal: number, vertical: number): string | undefined {
  return WORDS[`${horizontal}x${vertical}`];
}
