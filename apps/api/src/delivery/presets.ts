// Derivatives by name: those of the service, and what an upload makes of them.
import { AppError, Presets, type Setting } from '@tintype/core';
import { Compile } from 'typebox/compile';
import { DERIVATIVE_NAME, type WantedDerivatives } from '../wanted-derivatives.ts';

const isPresets = Compile(Presets);
const isName = new RegExp(DERIVATIVE_NAME);

/** A JSON object, name → transform. */
export function presets(
  name: string,
  { about, fallback }: { about: string; fallback: string },
): Setting<Presets> {
  return {
    name,
    about,
    fallback,
    parse: (text) => {
      const value = parseJson(text);
      if (!isPresets.Check(value)) {
        const [first] = isPresets.Errors(value);
        throw new Error(`must be a JSON object of transforms: ${first?.instancePath} ${first?.message}`);
      }
      const wrong = Object.keys(value).find((one) => !isName.test(one));
      if (wrong === undefined) return value;
      throw new Error(`must have names of 1 to 40 of a-z, 0-9 and -, unlike "${wrong}"`);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('must be JSON');
  }
}

export interface DerivativeRules {
  presets: Presets;
  /** That one upload may name. */
  mostDerivatives: number;
}

/**
 * What `derivatives` of an upload means: each name with its transform. Undefined where none is wanted.
 * @throws AppError INVALID_REQUEST for a preset that there is none of, or too many
 */
export function resolveDerivatives(
  wanted: WantedDerivatives | null,
  { presets, mostDerivatives }: DerivativeRules,
): Presets | undefined {
  const wishes = Object.entries(wanted ?? {});
  if (wishes.length === 0) return undefined;
  if (wishes.length > mostDerivatives) throw refused('/derivatives', `must be at most ${mostDerivatives}`);
  return Object.fromEntries(
    wishes.map(([name, wish]) => [name, wish === true ? presetOf(name, presets) : wish]),
  );
}

function presetOf(name: string, presets: Presets): Presets[string] {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset !== undefined) return preset;
  throw refused(
    `/derivatives/${name}`,
    `is no preset; those are ${Object.keys(presets).join(', ') || 'none'}`,
  );
}

function refused(pointer: string, message: string): AppError {
  return new AppError('INVALID_REQUEST', {
    message: `${pointer.slice(1)} ${message}.`,
    problems: [{ pointer, message }],
  });
}
