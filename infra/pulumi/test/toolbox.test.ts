// What `up` and `down` ask of the machine, with stand-ins for pulumi, aws and docker.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';

interface Toolbox {
  expectPulumi(): void;
  expectDocker(): void;
  expectCredentials(): Promise<void>;
  makeServiceRoles(): void;
  selectStack(wanted: {
    stack: string;
    create: boolean;
    region?: string;
    secretsProvider?: string;
  }): Promise<string>;
}

const toolbox = (await import(
  new URL('../../scripts/toolbox.mjs', import.meta.url).href
)) as unknown as Toolbox;

/** A tool → its arguments, by their begin, → what it prints; null: it fails. The longest begin counts. */
type Tools = Record<string, Record<string, string | null>>;

const WELL: Tools = {
  pulumi: { version: 'v3', whoami: 'me', 'stack select dev': '', 'config get': null, 'config set': '' },
  aws: {
    '--version': 'aws-cli/2',
    'sts get-caller-identity': 'arn:aws:iam::1:user/me',
    'configure get': null,
    iam: '',
  },
  docker: { info: '', 'buildx inspect': 'Platforms: linux/amd64, linux/arm64' },
};

/** Puts the stand-ins into the place of all tools. Gives what was called. */
function standIn(t: TestContext, more: Tools = {}): () => string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'tintype-tools-'));
  const log = path.join(folder, 'log');
  for (const tool of Object.keys(WELL)) {
    if (more[tool] !== undefined && Object.keys(more[tool]).length === 0) continue;
    const answers = Object.entries({ ...WELL[tool], ...more[tool] }).sort(([a], [b]) => b.length - a.length);
    const cases = answers.map(
      ([begin, said]) => `'${begin}'*) ${said === null ? 'exit 1' : `echo '${said}'`};;`,
    );
    const script = `#!/bin/sh\necho "${tool} $*" >> '${log}'\ncase "$*" in\n${cases.join('\n')}\n*) exit 1;;\nesac\n`;
    writeFileSync(path.join(folder, tool), script);
    chmodSync(path.join(folder, tool), 0o755);
  }
  const { PATH, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  process.env.PATH = folder;
  delete process.env.AWS_REGION;
  delete process.env.AWS_DEFAULT_REGION;
  t.after(() => {
    Object.assign(
      process.env,
      { PATH },
      AWS_REGION && { AWS_REGION },
      AWS_DEFAULT_REGION && { AWS_DEFAULT_REGION },
    );
    rmSync(folder, { recursive: true });
  });
  return () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
}

test('where all tools are, nothing is refused', async (t) => {
  standIn(t);
  toolbox.expectPulumi();
  toolbox.expectDocker();
  await toolbox.expectCredentials();
});

const REFUSED: { name: string; tools: Tools; ask: () => unknown; says: RegExp }[] = [
  { name: 'no Pulumi', tools: { pulumi: {} }, ask: toolbox.expectPulumi, says: /docs\/install/ },
  {
    name: 'nobody is logged in to Pulumi',
    tools: { pulumi: { whoami: null } },
    ask: toolbox.expectPulumi,
    says: /pulumi login/,
  },
  {
    name: 'AWS does not know who asks',
    tools: { aws: { 'sts get-caller-identity': null } },
    ask: toolbox.expectCredentials,
    says: /AWS does not know you/,
  },
  {
    name: 'Docker does not run',
    tools: { docker: { info: null } },
    ask: toolbox.expectDocker,
    says: /does not answer/,
  },
  {
    name: 'Docker has no buildx',
    tools: { docker: { 'buildx inspect': null } },
    ask: toolbox.expectDocker,
    says: /no buildx/,
  },
  {
    name: 'Docker builds for another processor',
    tools: { docker: { 'buildx inspect': 'Platforms: linux/amd64' } },
    ask: toolbox.expectDocker,
    says: /nothing for linux\/arm64/,
  },
  {
    name: 'no region',
    tools: {},
    ask: () => toolbox.selectStack({ stack: 'dev', create: true }),
    says: /--region/,
  },
  {
    name: 'another region than the stack has',
    tools: { pulumi: { 'config get aws:region': 'eu-west-1' } },
    ask: () => toolbox.selectStack({ stack: 'dev', create: true, region: 'eu-central-1' }),
    says: /dev is in eu-west-1, not in eu-central-1/,
  },
  {
    name: 'a stack that is not there',
    tools: {},
    ask: () => toolbox.selectStack({ stack: 'prod', create: false }),
    says: /no stack prod/,
  },
];

for (const { name, tools, ask, says } of REFUSED) {
  test(`refused in a sentence: ${name}`, async (t) => {
    standIn(t, tools);
    await assert.rejects(async () => ask(), says);
  });
}

test('without the AWS CLI the SDK is asked', async (t) => {
  standIn(t, { aws: {} });
  const { HOME, AWS_EC2_METADATA_DISABLED, ...env } = process.env;
  t.after(() => Object.assign(process.env, HOME && { HOME }, env));
  for (const name of Object.keys(env))
    if (/^AWS_(?:ACCESS|SECRET|PROFILE|WEB|CONTAINER)/.test(name)) delete process.env[name];
  process.env.HOME = tmpdir();
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  process.env.AWS_REGION = 'eu-west-1';
  await assert.rejects(() => toolbox.expectCredentials(), /no credentials of AWS/);
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' });
  await toolbox.expectCredentials();
  delete process.env.AWS_ACCESS_KEY_ID;
  delete process.env.AWS_SECRET_ACCESS_KEY;
  if (AWS_EC2_METADATA_DISABLED === undefined) delete process.env.AWS_EC2_METADATA_DISABLED;
});

test('images that are there already need no Docker', (t) => {
  standIn(t, { docker: {}, pulumi: { 'config get apiImage': 'registry.example.com/api:1' } });
  toolbox.expectDocker();
});

test('a new stack is made with its key, and keeps its region', async (t) => {
  const calls = standIn(t, { pulumi: { 'stack select new --create': '' } });
  const region = await toolbox.selectStack({
    ...{ stack: 'new', create: true, region: 'eu-central-1', secretsProvider: 'awskms://alias/x' },
  });
  assert.equal(region, 'eu-central-1');
  assert.ok(calls().includes('pulumi stack select new --create --secrets-provider awskms://alias/x'));
  assert.ok(calls().includes('pulumi config set aws:region eu-central-1'));
  assert.equal(process.env.AWS_REGION, 'eu-central-1');
});

test('a stack that is there is not made anew, and knows its region', async (t) => {
  const calls = standIn(t, { pulumi: { 'config get aws:region': 'eu-west-1' } });
  assert.equal(await toolbox.selectStack({ stack: 'dev', create: true }), 'eu-west-1');
  assert.deepEqual(
    calls().filter((call) => /--create|config set/.test(call)),
    [],
  );
});

const ALWAYS = ['ecs', 'rds', 'elasticache', 'elasticloadbalancing', 'ecs.application-autoscaling'];
const ROLES: { name: string; options: Tools[string]; services: string[] }[] = [
  { name: 'what every stack needs', options: {}, services: ALWAYS },
  {
    name: 'with OpenSearch',
    options: { 'config get logSearch': 'true' },
    services: [...ALWAYS, 'opensearchservice'],
  },
  {
    name: 'with API Gateway',
    options: { 'config get gateway': 'true', 'config get logSearch': 'false' },
    services: [...ALWAYS, 'ops.apigateway'],
  },
];

for (const { name, options, services } of ROLES) {
  test(`service-linked roles: ${name}`, (t) => {
    // AWS refuses all of them, as it does where they are there.
    const calls = standIn(t, { aws: { iam: null }, pulumi: options });
    toolbox.makeServiceRoles();
    assert.deepEqual(
      calls().flatMap((call) => /(\S+)\.amazonaws\.com/.exec(call)?.[1] ?? []),
      services,
    );
  });
}
