// The text that is sent for an event. Standard Webhooks 1.0 asks for bodies under 20 kB: what is larger is told by its ids alone.

export const MAX_BODY_BYTES = 20_000;

interface Payload {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** The same payload makes the same text. */
export function bodyOf(payload: unknown): string {
  const { type, timestamp, data } = payload as Payload;
  const whole = JSON.stringify({ type, timestamp, data });
  if (fits(whole)) return whole;
  const withoutImage = JSON.stringify({ type, timestamp, data: { ...data, image: idOf(data.image) } });
  if (fits(withoutImage)) return withoutImage;
  const ids = Object.fromEntries(Object.entries(data).map(([name, part]) => [name, idOf(part)]));
  return JSON.stringify({ type, timestamp, data: ids });
}

function fits(body: string): boolean {
  return Buffer.byteLength(body) < MAX_BODY_BYTES;
}

/** What receivers need to ask for the rest. Nothing of what has no id. */
function idOf(part: unknown): { id: unknown } | undefined {
  return typeof part === 'object' && part !== null && 'id' in part ? { id: part.id } : undefined;
}
