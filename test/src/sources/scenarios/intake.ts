// What every scenario begins with: an image that is taken in.
import type { Caller, Json, Sent } from '../caller.ts';
import { answered } from '../expect.ts';

/** Posts it and waits for the end. Answers the job. */
export async function takeIn(
  { post }: Pick<Caller, 'post'>,
  image: Sent,
  fields: Record<string, string> = {},
): Promise<Json> {
  const answer = await post('/v1/jobs', { form: { ...fields, image }, headers: { prefer: 'wait=30' } });
  return answered(answer, 200, { status: 'completed' });
}
