// A small engine: it starts the real language runtime on the compiled program, answers as `pulumi preview` or `up` would, and writes down
// all that was registered. No CLI, no provider, no network.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import engineRpc from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engineProto from '@pulumi/pulumi/proto/engine_pb.js';
import resourceRpc from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import { answer, HOME, idOf, stateOf } from './cloud.ts';
import { type Inputs, type Json, type Recorded, record, reveal } from './recorded.ts';
import { type Configuration, SECRET_OPTIONS } from './run-program.ts';

/** The CLI runs a program where it lies. */
const PROGRAM = fileURLToPath(new URL('../src', import.meta.url));
const require = createRequire(import.meta.url);
const FEATURES = ['secrets', 'resourceReferences', 'outputValues', 'deletedWith', 'aliasSpecs'];
const STACK = 'pulumi:pulumi:Stack';

export interface Preview {
  exitCode: number | null;
  resources: Recorded[];
  /** What `pulumi stack output` would show; undefined: the program never told. */
  outputs: Inputs | undefined;
  /** Names of the outputs that Pulumi keeps encrypted. */
  secretOutputs: string[];
  /** Warnings and errors, and what the program wrote. */
  complaints: string[];
}

/** @param isDry as in a preview: ids, and all that only AWS knows, are unknown */
export async function preview(stack: string, configuration: Configuration, isDry: boolean): Promise<Preview> {
  const seen: Preview = {
    ...{ exitCode: null, resources: [], outputs: undefined, secretOutputs: [], complaints: [] },
  };
  const server = new grpc.Server();
  server.addService(resourceRpc.ResourceMonitorService, monitorOf(seen, stack, isDry));
  server.addService(engineRpc.EngineService, engineOf(seen));
  const port = await listen(server);
  try {
    seen.exitCode = await runLanguage(port, { stack, configuration, isDry }, seen);
  } finally {
    server.forceShutdown();
  }
  return seen;
}

function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

interface Asked {
  stack: string;
  configuration: Configuration;
  isDry: boolean;
}

async function runLanguage(
  port: number,
  { stack, configuration, isDry }: Asked,
  seen: Preview,
): Promise<number | null> {
  const address = `127.0.0.1:${port}`;
  const named = Object.entries(configuration).map(([name, value]) => [`tintype:${name}`, value]);
  const child = spawn(
    process.execPath,
    [
      require.resolve('@pulumi/pulumi/cmd/run'),
      ...[`--monitor=${address}`, `--engine=${address}`, '--project=tintype', `--stack=${stack}`],
      ...[`--pwd=${PROGRAM}`, '--parallel=16', ...(isDry ? ['--dry-run'] : []), 'main.js'],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(named)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(SECRET_OPTIONS.map((name) => `tintype:${name}`)),
      },
    },
  );
  const keep = (text: Buffer) => seen.complaints.push(text.toString().trim());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

type Done<Response> = (error: Partial<grpc.ServiceError> | null, response?: Response) => void;

const refuse = (_call: unknown, done: Done<never>) => done({ code: grpc.status.UNIMPLEMENTED });
const agree = (_call: unknown, done: Done<InstanceType<typeof empty.Empty>>) => done(null, new empty.Empty());

interface Call<Request> {
  request: Request;
}

function monitorOf(seen: Preview, stack: string, isDry: boolean): grpc.UntypedServiceImplementation {
  return {
    supportsFeature({ request }: Call<resourceProto.SupportsFeatureRequest>, done: Done<unknown>) {
      done(
        null,
        new resourceProto.SupportsFeatureResponse().setHassupport(FEATURES.includes(request.getId())),
      );
    },
    invoke({ request }: Call<resourceProto.ResourceInvokeRequest>, done: Done<unknown>) {
      try {
        const asked = (request.getArgs()?.toJavaScript() ?? {}) as Inputs;
        const told = answer(request.getTok(), asked, HOME);
        done(null, new resourceProto.ResourceInvokeResponse().setReturn(struct.Struct.fromJavaScript(told)));
      } catch (error) {
        done({ code: grpc.status.UNIMPLEMENTED, message: (error as Error).message });
      }
    },
    registerResource({ request }: Call<resourceProto.RegisterResourceRequest>, done: Done<unknown>) {
      const urn = urnOf(request, stack);
      if (seen.resources.some((resource) => resource.urn === urn))
        return done({ code: grpc.status.ALREADY_EXISTS, message: `duplicate URN ${urn}` });
      const resource = record(request, urn);
      seen.resources.push(resource);
      done(null, registered(resource, request, isDry));
    },
    registerResourceOutputs(
      { request }: Call<resourceProto.RegisterResourceOutputsRequest>,
      done: Done<unknown>,
    ) {
      if (request.getUrn().includes(`::${STACK}::`)) tellOutputs(seen, request);
      done(null, new empty.Empty());
    },
    signalAndWaitForShutdown: agree,
    ...{
      getDeploymentInfo: refuse,
      call: refuse,
      readResource: refuse,
      existsResource: refuse,
      registerPackage: refuse,
    },
    ...{ registerStackTransform: refuse, registerStackInvokeTransform: refuse },
    ...{ registerResourceHook: refuse, registerErrorHook: refuse },
  };
}

function registered(
  { urn, type, name, custom, inputs }: Recorded,
  request: resourceProto.RegisterResourceRequest,
  isDry: boolean,
): resourceProto.RegisterResourceResponse {
  const response = new resourceProto.RegisterResourceResponse().setUrn(urn);
  const raw = (request.getObject()?.toJavaScript() ?? {}) as Inputs;
  const state = custom && !isDry ? { ...stateOf(type, name, inputs, HOME), ...raw } : raw;
  response.setObject(struct.Struct.fromJavaScript(state));
  return response.setId(custom && !isDry ? idOf(type, name) : '');
}

/** As the engine makes them: the types of all parents but the stack, and the name. */
function urnOf(request: resourceProto.RegisterResourceRequest, stack: string): string {
  const parent = request.getParent().split('::')[2] ?? '';
  const type = parent === '' || parent === STACK ? request.getType() : `${parent}$${request.getType()}`;
  return `urn:pulumi:${stack}::tintype::${type}::${request.getName()}`;
}

function tellOutputs(seen: Preview, request: resourceProto.RegisterResourceOutputsRequest): void {
  const raw = (request.getOutputs()?.toJavaScript() ?? {}) as Inputs;
  seen.outputs = Object.fromEntries(
    Object.entries(raw).map(([key, value]): [string, Json] => [
      key,
      reveal(value, () => seen.secretOutputs.push(key)),
    ]),
  );
}

/** Severities of the log: 2 is a warning, 3 an error. */
const WARNING = 2;

function engineOf(seen: Preview): grpc.UntypedServiceImplementation {
  let root = '';
  return {
    log({ request }: Call<engineProto.LogRequest>, done: Done<unknown>) {
      if (request.getSeverity() >= WARNING) seen.complaints.push(request.getMessage());
      done(null, new empty.Empty());
    },
    getRootResource(_call: unknown, done: Done<unknown>) {
      done(null, new engineProto.GetRootResourceResponse().setUrn(root));
    },
    setRootResource({ request }: Call<engineProto.SetRootResourceRequest>, done: Done<unknown>) {
      root = request.getUrn();
      done(null, new engineProto.SetRootResourceResponse());
    },
    requirePulumiVersion(_call: unknown, done: Done<unknown>) {
      done(null, new engineProto.RequirePulumiVersionResponse());
    },
    startDebugging: agree,
  };
}
