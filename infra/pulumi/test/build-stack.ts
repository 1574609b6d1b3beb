// A profile's stack: the program run on it, and the settings that it read.
import * as pulumi from '@pulumi/pulumi';
import { readSettings } from '../src/read-settings.ts';
import { HOME, type Place } from './cloud.ts';
import { PROFILES } from './profiles.ts';
import { PROGRAM, runProgram } from './run-program.ts';
import type { Stack } from './stack.ts';

export interface Variation {
  /** Another Pulumi stack, configured the same. */
  stack?: string;
  place?: Place;
  /** Folder of the compiled program. */
  program?: string;
}

/** @param profile name in profiles.ts @throws what the program throws */
export async function buildStack(
  profile: string,
  { stack, place = HOME, program = PROGRAM }: Variation = {},
): Promise<Stack> {
  const found = PROFILES[profile];
  if (found === undefined) throw new Error(`there is no profile ${profile}`);
  const { configuration } = found;
  const name = stack ?? found.stack;
  const outcome = await runProgram({ stack: name, configuration, place, program });
  // What was asked for, by the program itself and not by its mutant.
  const settings = readSettings(new pulumi.Config('tintype'), name);
  return { ...{ profile, configuration, settings, place }, ...outcome };
}
