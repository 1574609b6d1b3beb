// The keys of the provider, as far as they are known: asked for anew now and then, and remembered while it is away. Knows no tokens.
import { AppError, type Logger } from '@tintype/core';
import type { LocalJWKSet } from 'jose';

export interface ProviderKeys {
  /** @throws AppError IDENTITY_PROVIDER_UNAVAILABLE when none are known, or those that are have become too old */
  known(): Promise<LocalJWKSet>;
  /**
   * For a key that is not in `than`. Undefined: the provider has no newer ones, or was asked a moment ago.
   * @throws AppError IDENTITY_PROVIDER_UNAVAILABLE when it can not be asked
   */
  newer(than: LocalJWKSet): Promise<LocalJWKSet | undefined>;
}

export interface ProviderKeysOptions {
  ask: (signal: AbortSignal) => Promise<LocalJWKSet>;
  /** Older keys are asked for anew, while they are used on. */
  refreshMs: number;
  /** Older keys are not used any more. */
  keepMs: number;
  /** From one question to the next. */
  cooldownMs: number;
  log: Logger;
  /** Ends a question, without a word in the log. */
  signal: AbortSignal;
  /** Milliseconds that never go back. */
  elapsedMs: () => number;
}

/** Asks at once, and waits for nothing. */
export function rememberKeys(options: ProviderKeysOptions): ProviderKeys {
  const { ask, refreshMs, keepMs, cooldownMs, log, signal, elapsedMs } = options;
  let keys: { set: LocalJWKSet; learnedAtMs: number } | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let isAway = false;
  let asking: Promise<void> | undefined;

  async function learn(): Promise<void> {
    askedAtMs = elapsedMs();
    try {
      keys = { set: await ask(signal), learnedAtMs: askedAtMs };
      isAway = false;
    } catch (err) {
      isAway = true;
      if (!signal.aborted) log.warn({ err }, 'the keys of the OIDC provider');
    } finally {
      asking = undefined;
    }
  }

  const restMs = () => askedAtMs + cooldownMs - elapsedMs();
  /** All who come while the provider is asked share one question. */
  function askOnce(): Promise<void> | undefined {
    if (restMs() <= 0) asking ??= learn();
    return asking;
  }

  function current(): LocalJWKSet | undefined {
    if (keys === undefined) return undefined;
    const ageMs = elapsedMs() - keys.learnedAtMs;
    if (ageMs >= refreshMs) void askOnce();
    return ageMs < keepMs ? keys.set : undefined;
  }

  function unavailable(): AppError {
    const retryAfterSeconds = Math.max(1, Math.ceil(restMs() / 1000));
    return new AppError('IDENTITY_PROVIDER_UNAVAILABLE', { retryAfterSeconds });
  }

  void askOnce();
  return {
    known: async () => {
      const set = current();
      if (set !== undefined) return set;
      await askOnce();
      const learned = current();
      if (learned === undefined) throw unavailable();
      return learned;
    },

    newer: async (than) => {
      if (keys?.set === than) await askOnce();
      if (keys?.set !== than) return keys?.set;
      if (isAway) throw unavailable();
      return undefined;
    },
  };
}
