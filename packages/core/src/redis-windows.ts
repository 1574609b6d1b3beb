// How often something was done in the present window of time, counted in Redis: exact over all processes, by Redis' clock, one round
// trip for all windows of a question. Knows no meaning of what is counted. A Redis that is away or silent makes every call reject soon.
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { isDemoted, parseQueueUrl } from './queue-connection.ts';

export interface RedisWindow {
  /** What is counted. */
  subject: string;
  /** Windows begin at whole multiples of it since 1970 (UTC). */
  seconds: number;
  /** At most so many; more are refused. */
  limit: number;
  /** 1 by default; 0 looks whether there is room for one, without counting. */
  cost?: number;
  /**
   * How much of the window that begins at `startSeconds` is known to be used: its counter never stands lower. Null: that must be known
   * should there be no counter.
   */
  floor?: { startSeconds: number; used: number } | null;
}

/** `no-counter`: a floor must be known, and `nowSeconds` says of when; nothing was counted. */
export type RedisAnswer =
  /** What is left, and in how many whole seconds the window has ended. */
  | { outcome: 'taken' | 'refused'; windows: { remaining: number; resetSeconds: number }[] }
  | { outcome: 'no-counter'; nowSeconds: number };

export interface RedisWindows {
  /** All windows count it, or none does. No window twice. */
  take(windows: RedisWindow[]): Promise<RedisAnswer>;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 1000;
/** A connection that says nothing for so much longer is made anew: its other end may be gone. */
const SILENT_MS = 1000;
const RECONNECT_MS = 1000;

// A counter says which window it is of: Redis forgets keys by another clock than TIME's, a moment too late at times, and by one that
// may be set back. Numbers go in and out as integers: Lua would write large ones with an exponent.
const TAKE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local counters = {}
local has_room = 1
for nth, key in ipairs(KEYS) do
  local at = (nth - 1) * 5
  local seconds, limit, cost = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local floor, floor_start = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local kept = redis.call('HMGET', key, 'start', 'used')
  local start = math.max(math.floor(now / seconds) * seconds, tonumber(kept[1]) or 0)
  local known = nil
  if tonumber(kept[1]) == start then known = tonumber(kept[2]) end
  if floor_start >= 0 and floor_start ~= start then floor = -1 end
  if known == nil and floor < 0 then return {-1, string.format('%.0f', math.floor(now))} end
  local used = math.max(known or 0, floor)
  if used + math.max(cost, 1) > limit then has_room = 0 end
  local is_kept = floor_start >= 0
  counters[nth] = {known = known, used = used, cost = cost, limit = limit, start = start, ends = start + seconds, is_kept = is_kept}
end
local answer = {has_room}
for nth, key in ipairs(KEYS) do
  local counter = counters[nth]
  local used = counter.used + has_room * counter.cost
  if counter.known == nil and (used > 0 or counter.is_kept) then
    redis.call('HSET', key, 'start', string.format('%.0f', counter.start), 'used', string.format('%.0f', used))
    redis.call('PEXPIREAT', key, string.format('%.0f', counter.ends * 1000))
  elseif counter.known ~= nil and used > counter.known then
    redis.call('HSET', key, 'used', string.format('%.0f', used))
  end
  answer[#answer + 1] = string.format('%.0f', math.max(counter.limit - used, 0))
  answer[#answer + 1] = string.format('%.0f', math.ceil(counter.ends - now))
end
return answer`;

type TakeCommand = { tintypeTake(keys: number, ...rest: (string | number)[]): Promise<(string | number)[]> };

/**
 * Undefined for a queue that lives elsewhere. A Redis that is away does not matter yet.
 * @param timeoutMs longest wait for an answer
 */
export async function openRedisWindows(
  queueUrl: string,
  timeoutMs: number,
  onError: (error: Error) => void,
): Promise<RedisWindows | undefined> {
  const { kind, url, prefix } = parseQueueUrl(queueUrl);
  if (kind !== 'redis') return undefined;
  const redis = new Redis(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: timeoutMs + SILENT_MS,
    enableOfflineQueue: false,
    // What was given up is counted elsewhere.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, RECONNECT_MS),
    reconnectOnError: isDemoted,
  });
  redis.on('error', onError);
  redis.defineCommand('tintypeTake', { lua: TAKE });
  await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) }).catch(() => undefined);
  // The tag makes a cluster keep all of them in one place.
  const keyOf = ({ subject, seconds }: RedisWindow) => `{${prefix}:rates}:${seconds}:${subject}`;

  return {
    take: async (windows) => {
      const settings = windows.flatMap(toArguments);
      const command = redis as unknown as TakeCommand;
      const asked = command.tintypeTake(windows.length, ...windows.map(keyOf), ...settings);
      const [first, ...rest] = (await within(timeoutMs, asked)).map(Number);
      if (first === -1) return { outcome: 'no-counter', nowSeconds: rest[0] ?? 0 };
      return { outcome: first === 1 ? 'taken' : 'refused', windows: toWindows(rest) };
    },
    close: () => redis.disconnect(),
  };
}

/** An answer that has arrived counts, even where this process was too busy to look: it is read before time is up. */
function within<Result>(timeoutMs: number, asked: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`Redis did not answer within ${timeoutMs} ms.`));
    const timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), timeoutMs);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A floor of -1 is none; the beginning -1 says that it holds for every window. */
function toArguments({ seconds, limit, cost = 1, floor }: RedisWindow): number[] {
  if (floor === undefined) return [seconds, limit, cost, 0, -1];
  return [seconds, limit, cost, floor?.used ?? -1, floor?.startSeconds ?? 0];
}

function toWindows(figures: number[]): { remaining: number; resetSeconds: number }[] {
  return Array.from({ length: figures.length / 2 }, (_, nth) => ({
    remaining: figures[nth * 2] ?? 0,
    resetSeconds: figures[nth * 2 + 1] ?? 0,
  }));
}
