// What `up` and `down` need of this machine, asked in plain sentences. Plain JavaScript on Node.js alone, for nothing is installed yet when it runs.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { bin, CommandError, install, run, say } from '../../../scripts/toolchain.mjs';

export const FOLDER = path.resolve(import.meta.dirname, '..');

/** Runs it and gives what it prints; undefined: it failed, or is not there. */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: FOLDER, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs it for who looks on. @throws CommandError */
export function show(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: FOLDER, stdio: 'inherit' });
    child.once('error', (error) => reject(refusal(`${command} can not be run: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new CommandError(`${command} ${args[0]} ended with ${signal ?? code}.`, code ?? 1));
    });
  });
}

export const refusal = (sentence) => new CommandError(sentence, 1);

export function expectPulumi() {
  if (ask('pulumi', ['version']) === undefined)
    throw refusal(
      'The Pulumi CLI is not here: https://www.pulumi.com/docs/install/ tells how to install it.',
    );
  if (ask('pulumi', ['whoami']) === undefined)
    throw refusal(
      'Pulumi does not know where to keep its state: run "pulumi login" (Pulumi Cloud) or "pulumi login s3://BUCKET?region=REGION" (docs/deploy-aws.md).',
    );
}

/** Its own packages, the repository's compiler, and the program compiled. */
export async function prepare() {
  await install();
  await install(FOLDER, 'the providers of Pulumi');
  say('compiling …');
  await run(bin('tsc'), ['-p', FOLDER], { quiet: true });
}

/** The stack, made where `create` says so, and the region that it was made for. */
export async function selectStack({ stack, create, secretsProvider, region }) {
  const how = [
    ...(create ? ['--create'] : []),
    ...(secretsProvider === undefined ? [] : ['--secrets-provider', secretsProvider]),
  ];
  if (ask('pulumi', ['stack', 'select', stack]) === undefined) {
    if (!create) throw refusal(`There is no stack ${stack}: "pulumi stack ls" lists them.`);
    await show('pulumi', ['stack', 'select', stack, ...how]);
  }
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const known = ask('pulumi', ['config', 'get', 'aws:region']);
  const wanted =
    region ?? known ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? ask('aws', ['configure', 'get', 'region']);
  if (wanted === undefined) throw refusal('Say where: --region eu-central-1.');
  if (known !== undefined && known !== wanted)
    throw refusal(
      `The stack ${stack} is in ${known}, not in ${wanted}: take another stack, or "pulumi destroy" this one.`,
    );
  if (known === undefined) await show('pulumi', ['config', 'set', 'aws:region', wanted]);
  // What is run beside Pulumi, the migration, asks the environment.
  process.env.AWS_REGION = wanted;
  return wanted;
}

/** By the AWS CLI where it is, else by the SDK. Says whose account it is. */
export async function expectCredentials() {
  const hint = 'run "aws sso login", set AWS_PROFILE, or give --aws-profile';
  if (ask('aws', ['--version']) !== undefined) {
    const identity = ask('aws', ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text']);
    if (identity === undefined) throw refusal(`AWS does not know you: ${hint}.`);
    return say(`you are ${identity}`);
  }
  const { ECSClient } = await import('@aws-sdk/client-ecs');
  await new ECSClient().config.credentials().catch((error) => {
    throw refusal(`There are no credentials of AWS: ${error.message}. Without the AWS CLI: ${hint}.`);
  });
}

/** Of most AWS makes them by itself, a moment too late for who needs them at once: RDS refuses its first database. Of OpenSearch it does not. */
const SERVICES = ['ecs', 'rds', 'elasticache', 'elasticloadbalancing', 'ecs.application-autoscaling'];
const SERVICES_OF = { logSearch: 'opensearchservice', gateway: 'ops.apigateway' };

/**
 * A new account lacks the roles by which these services act for it. They are the account's, not a stack's; where they are there already, AWS says so, and
 * nothing happens.
 */
export function makeServiceRoles() {
  const chosen = Object.keys(SERVICES_OF).filter(
    (option) => ask('pulumi', ['config', 'get', option]) === 'true',
  );
  for (const service of [...SERVICES, ...chosen.map((option) => SERVICES_OF[option])])
    ask('aws', ['iam', 'create-service-linked-role', '--aws-service-name', `${service}.amazonaws.com`]);
}

/** Images are built here, unless the configuration names them. */
export function expectDocker() {
  if (ask('pulumi', ['config', 'get', 'apiImage']) !== undefined) return;
  const otherwise = 'or name images that are there already (apiImage, workerImage, migrateImage)';
  if (ask('docker', ['info']) === undefined) throw refusal(`Docker does not answer: start it, ${otherwise}.`);
  const platforms = ask('docker', ['buildx', 'inspect', '--bootstrap']);
  if (platforms === undefined) throw refusal(`Docker has no buildx: install its plugin, ${otherwise}.`);
  const architecture = ask('pulumi', ['config', 'get', 'architecture']) ?? 'ARM64';
  const platform = architecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64';
  if (!platforms.includes(platform))
    throw refusal(
      `This Docker builds nothing for ${platform}: "docker run --privileged --rm tonistiigi/binfmt --install all" teaches it, "pulumi config set architecture" takes the other one, ${otherwise}.`,
    );
}
