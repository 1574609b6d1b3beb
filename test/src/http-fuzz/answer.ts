// What came back.

export interface Answer {
  status: number;
  /** Names in small letters; the last one counts where a header comes twice. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** A stream that was left before its end. */
  isCut: boolean;
}

/** An answer, or why there was none. */
export type Outcome = { answer: Answer } | { silence: 'closed' | 'hangs'; reason: string };

/** Well over what anything here may take: beyond it, it hangs. */
export const TIME_LIMIT_MS = 20_000;

/** Streams of events may last for ever: so much is enough to see. */
export const STREAM_MS = 150;

export function isStream(contentType: string | undefined): boolean {
  return contentType?.startsWith('text/event-stream') === true;
}
