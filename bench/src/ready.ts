// Waits until an HTTP address answers 200.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

const timeoutMs = 30_000;
const pauseMs = 50;

export async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const answer = await request(url);
      await answer.body.dump();
      if (answer.statusCode === 200) return;
      last = `status ${answer.statusCode}`;
    } catch (error) {
      last = String(error);
    }
    await sleep(pauseMs);
  }
  throw new Error(`${url} was not ready within ${timeoutMs / 1000} s: ${last}`);
}
