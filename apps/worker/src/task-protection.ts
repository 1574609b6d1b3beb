// Protects this task of Amazon ECS from scale-in while something runs long in it. Knows the agent's door, not what runs.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
import type { Logger } from '@tintype/core';
import type { WorkerConfig } from './config.ts';
import { every } from './every.ts';

type Config = Pick<WorkerConfig, 'taskProtectionAfterMs' | 'taskProtectionMinutes' | 'ecsAgentUri'>;

export interface TaskProtection {
  /** Ends the protection: a task that is told to stop needs none. */
  stop(): Promise<void>;
}

interface Watched {
  /** When what runs longest was begun, by `performance.now()`; undefined: nothing runs. */
  oldestBegunAt: () => number | undefined;
  log: Logger;
}

/** The agent asks the service itself, and gives up on it after some seconds. */
const ANSWER_TIMEOUT_MS = 6000;
/** Of a process that ends. */
const LAST_TIMEOUT_MS = 2000;

const PACE = { lookEveryMs: 1000, retryAfterMs: 10_000, minuteMs: 60_000 };

/** Undefined where there is nothing to do: TASK_PROTECTION_AFTER_MS is 0, or this is no task of ECS. */
export function startTaskProtection(
  { taskProtectionAfterMs: afterMs, taskProtectionMinutes: minutes, ecsAgentUri }: Config,
  { oldestBegunAt, log }: Watched,
  pace = PACE,
): TaskProtection | undefined {
  if (afterMs === 0) return undefined;
  if (ecsAgentUri === '') {
    log.warn('TASK_PROTECTION_AFTER_MS is set, and this is no task of Amazon ECS: nothing is protected');
    return undefined;
  }
  const stopping = new AbortController();
  /** What the agent was asked for last, and when to ask it anew. An answer that did not come may have been a yes. */
  let asked = { protect: false, againAt: Number.POSITIVE_INFINITY };
  let refused = false;

  async function look(): Promise<void> {
    const now = performance.now();
    const protect = now - (oldestBegunAt() ?? now) > afterMs;
    if (protect === asked.protect && now < asked.againAt) return;
    asked = { protect, againAt: now + pace.retryAfterMs };
    await put(ecsAgentUri, state(protect, minutes), [
      stopping.signal,
      AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    ]);
    asked.againAt = protect ? now + (minutes * pace.minuteMs) / 2 : Number.POSITIVE_INFINITY;
    refused = false;
    log.debug({ protect }, 'task protection');
  }

  // A task that can not be protected works on: what it does not finish is begun anew elsewhere.
  const onError = (err: unknown) => {
    if (stopping.signal.aborted) return;
    log[refused ? 'debug' : 'warn']({ err }, 'the agent of ECS does not change the protection of this task');
    refused = true;
  };
  const rounds = every(pace.lookEveryMs, look, onError);

  return {
    stop: async () => {
      stopping.abort();
      await rounds.stop();
      if (!asked.protect && asked.againAt === Number.POSITIVE_INFINITY) return;
      await put(ecsAgentUri, state(false), [AbortSignal.timeout(LAST_TIMEOUT_MS)]).catch((err) =>
        log.debug({ err }, 'task protection'),
      );
    },
  };
}

interface State {
  ProtectionEnabled: boolean;
  ExpiresInMinutes?: number;
}

function state(protect: boolean, minutes?: number): State {
  return protect && minutes !== undefined
    ? { ProtectionEnabled: true, ExpiresInMinutes: minutes }
    : { ProtectionEnabled: false };
}

/** @throws Error for an agent that says no, or nothing; it says no with 200 as well. */
async function put(agentUri: string, wanted: State, signals: AbortSignal[]): Promise<void> {
  const answer = await fetch(`${agentUri}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
    signal: AbortSignal.any(signals),
  });
  const text = await answer.text();
  if (isDone(text, wanted)) return;
  throw new Error(`The agent answered ${answer.status}: ${text.slice(0, 500)}`);
}

function isDone(text: string, wanted: State): boolean {
  try {
    const { protection } = JSON.parse(text) as { protection?: { ProtectionEnabled?: boolean } };
    return protection?.ProtectionEnabled === wanted.ProtectionEnabled;
  } catch {
    return false;
  }
}
