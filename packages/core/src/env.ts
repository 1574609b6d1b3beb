// Reads a process's environment once: every variable has a parser, a default or none, and a sentence for .env.example.
import { isIP } from 'node:net';

export interface Setting<Value> {
  /** The variable's name; its unit is part of it. */
  name: string;
  about: string;
  /** As it would stand in the environment; undefined makes the variable required. */
  fallback: string | undefined;
  /** Throws an Error whose message continues the sentence "NAME …". */
  parse: (text: string) => Value;
}

export type Settings = Record<string, Setting<unknown>>;
export type Environment<S extends Settings> = Readonly<{ [Key in keyof S]: ReturnType<S[Key]['parse']> }>;

/** A wrong or missing variable. The message is one sentence that names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Answers the frozen configuration, or throws a {@link ConfigError} for the first variable that is wrong. */
export function readEnvironment<S extends Settings>(settings: S, env: NodeJS.ProcessEnv): Environment<S> {
  const entries = Object.entries(settings).map(([key, setting]) => [key, readSetting(setting, env)]);
  return Object.freeze(Object.fromEntries(entries)) as Environment<S>;
}

function readSetting({ name, about, fallback, parse }: Setting<unknown>, env: NodeJS.ProcessEnv): unknown {
  // An empty variable counts as not set: that is what `NAME=` in an env file means.
  const text = env[name]?.trim() || fallback;
  if (text === undefined) throw new ConfigError(`${name} is not set: ${about}`);
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError(`${name} ${(error as Error).message}.`);
  }
}

type Describe = { about: string; fallback?: string | number | undefined };

function setting<Value>(
  name: string,
  { about, fallback }: Describe,
  parse: (text: string) => Value,
): Setting<Value> {
  return { name, about, fallback: fallback === undefined ? undefined : String(fallback), parse };
}

export function text(name: string, describe: Describe): Setting<string> {
  return setting(name, describe, (value) => value);
}

export function integer(name: string, describe: Describe & { min: number; max: number }): Setting<number> {
  const { min, max } = describe;
  return setting(name, describe, (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new Error(`must be a whole number from ${min} to ${max}, not "${value}"`);
    }
    return number;
  });
}

export function choice<const Value extends string>(
  name: string,
  describe: Describe & { of: readonly Value[] },
): Setting<Value> {
  const { of } = describe;
  return setting(name, describe, (value) => {
    const found = of.find((one) => one === value);
    if (found === undefined) throw new Error(`must be one of ${of.join(', ')}, not "${value}"`);
    return found;
  });
}

/** A list separated by commas; empty by default. */
export function list(name: string, describe: Describe): Setting<string[]> {
  return setting(name, { fallback: ',', ...describe }, (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

/** A list of addresses, with or without the length of a network's prefix; empty by default. */
export function networks(name: string, describe: Describe): Setting<string[]> {
  const setting = list(name, describe);
  return {
    ...setting,
    parse: (value) => {
      const all = setting.parse(value);
      const wrong = all.find((one) => !isNetwork(one));
      if (wrong === undefined) return all;
      throw new Error(`must list addresses or networks, and "${wrong}" is neither`);
    },
  };
}

function isNetwork(value: string): boolean {
  const [address = '', prefix = '0', ...rest] = value.split('/');
  const family = isIP(address);
  return (
    family !== 0 &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= (family === 4 ? 32 : 128)
  );
}

/** An URL of one of the named protocols. The message never repeats the value: it may hold a password. */
export function url(name: string, describe: Describe & { protocols: readonly string[] }): Setting<string> {
  const { protocols } = describe;
  return setting(name, describe, (value) => {
    // One that may be missing has the empty text for a fallback.
    if (value === '') return value;
    const protocol = URL.canParse(value) ? new URL(value).protocol : '';
    if (!protocols.includes(protocol))
      throw new Error(`must be an URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    return value;
  });
}

/** The lines of .env.example for these settings. */
export function describeSettings(settings: Settings): string {
  return Object.values(settings)
    .map(
      ({ name, about, fallback }) =>
        `# ${about}\n${fallback === undefined ? `${name}=` : `#${name}=${fallback === ',' ? '' : fallback}`}\n`,
    )
    .join('\n');
}
