// What ExifTool printed, as an answer.
import type { ExifToolAnswer } from '../image/merge-exiftool/answer.ts';

/** A list with one object for the one file that was asked about. */
export function parseAnswer(text: string, version: string): ExifToolAnswer {
  try {
    const [tags] = JSON.parse(text) as unknown[];
    if (typeof tags === 'object' && tags !== null && !Array.isArray(tags)) {
      return { tags: tags as Record<string, unknown>, version };
    }
  } catch {
    // Nothing at all is printed about a file that can not be opened.
  }
  return { failed: 'unintelligible' };
}
