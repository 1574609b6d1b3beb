// Runs the program in this process against the made-up cloud, and gives back all it asked for.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as pulumi from '@pulumi/pulumi';
import type { RegisterResourceRequest, RegisterResourceResponse } from '@pulumi/pulumi/proto/resource_pb.js';
import { answer, idOf, type Place, stateOf } from './cloud.ts';
import { type Inputs, type Json, type Recorded, record } from './recorded.ts';

/** The compiled program. A mutant lies elsewhere. */
export const PROGRAM = fileURLToPath(new URL('../src', import.meta.url));

/** What `pulumi config` says, without the namespace. */
export type Configuration = Record<string, string>;

export interface Run {
  /** Name of the Pulumi stack. */
  stack: string;
  configuration: Configuration;
  place: Place;
  /** Folder of the compiled program. */
  program?: string;
}

export interface Question {
  token: string;
  /** URN of the provider; empty: a default one. */
  provider: string;
}

export interface Outcome {
  resources: Recorded[];
  questions: Question[];
  outputs: Record<string, Json>;
}

/** Configured values that Pulumi keeps encrypted. */
export const SECRET_OPTIONS = ['cdnPrivateKey'];

/** Pulumi's runtime keeps for each promise where it was made, which takes more time than all the rest. */
export function forgetTraces(): void {
  Error.stackTraceLimit = 0;
}

/** Only one at a time: Pulumi's runtime is one a process. @throws what the program or the building of a resource throws */
export async function runProgram({ stack, configuration, place, program = PROGRAM }: Run): Promise<Outcome> {
  const resources: Recorded[] = [];
  const questions: Question[] = [];
  const failure = firstFailure();
  await pulumi.runtime.setMocks(mocksOf(place, questions), 'tintype', stack, false);
  recordInto(resources);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(configuration).map(([name, value]) => [`tintype:${name}`, value])),
    SECRET_OPTIONS.map((name) => `tintype:${name}`),
  );
  try {
    const { defineStack } = await load(program, 'program.js', 'defineStack');
    const { readSettings } = await load(program, 'read-settings.js', 'readSettings');
    const outputs = defineStack(readSettings(new pulumi.Config('tintype'), stack));
    const seen = (await Promise.race([plain(outputs), failure.happened])) as Record<string, Json>;
    await Promise.race([pulumi.runtime.disconnect(), failure.happened]);
    // A rejection is told one turn later.
    await Promise.race([new Promise((resolve) => setImmediate(resolve)), failure.happened]);
    return { resources, questions, outputs: seen };
  } finally {
    // Also after a failure: what is on its way would run into the next stack.
    await pulumi.runtime.disconnect();
    failure.forget();
  }
}

type Program = typeof import('../src/program.ts') & typeof import('../src/read-settings.ts');

async function load<Name extends keyof Program>(
  folder: string,
  file: string,
  name: Name,
): Promise<Pick<Program, Name>> {
  const loaded: Program = await import(pathToFileURL(path.join(folder, file)).href);
  if (loaded[name] === undefined) throw new Error(`${file} exports no ${name}`);
  return loaded;
}

function mocksOf(place: Place, questions: Question[]): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs, custom }) =>
      custom === false
        ? { id: undefined, state: inputs as Inputs }
        : { id: idOf(type, name), state: stateOf(type, name, inputs as Inputs, place) },
    call: ({ token, inputs, provider = '' }) => {
      questions.push({ token, provider: provider.split('::').slice(0, 4).join('::') });
      return answer(token, inputs as Inputs, place);
    },
  };
}

type Register = (
  request: RegisterResourceRequest,
  done: (error: unknown, response: RegisterResourceResponse | undefined) => void,
) => void;

/** Mocks are told inputs alone; what else the program says of a resource is in the request. */
function recordInto(resources: Recorded[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) =>
    register(request, (error, response) => {
      if (response !== undefined) resources.push(record(request, response.getUrn()));
      done(error, response);
    });
}

/** Resources fail where nobody waits for them. */
function firstFailure(): { happened: Promise<never>; forget: () => void } {
  let fail: (error: unknown) => void = () => undefined;
  const happened = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Nobody may be waiting yet.
  happened.catch(() => undefined);
  process.on('unhandledRejection', fail);
  return { happened, forget: () => process.off('unhandledRejection', fail) };
}

/** However busy the machine is, by then something is wrong. */
const PATIENCE_MS = 300_000;

/** Outputs with everything in them known. */
function plain(value: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('an output of the stack never became known')),
      PATIENCE_MS,
    );
    pulumi.output(value).apply((known) => {
      clearTimeout(timer);
      resolve(known);
    });
  });
}
