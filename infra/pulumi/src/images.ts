// The three container images: built from this checkout and pushed to repositories of the stack, or those that are named. Knows no task.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as aws from '@pulumi/aws';
import * as dockerBuild from '@pulumi/docker-build';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { PROCESSES, type Process } from './cluster.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { Settings } from './settings.ts';
import { digestSources } from './source-digest.ts';

export interface ImagesArgs {
  settings: Pick<Settings, 'name' | 'architecture' | 'images'>;
  key: Pick<EncryptionKey, 'arn'>;
}

/** Of the repository, seen from dist/src. */
const ROOT = path.resolve(import.meta.dirname, '../../../..');

const KEEP_IMAGES = 30;
const KEEP_UNTAGGED_DAYS = 7;

interface Image {
  /** By digest: what was tested is what runs. */
  ref: pulumi.Output<string>;
  repositoryArn: pulumi.Output<string> | undefined;
}

export class Images extends pulumi.ComponentResource {
  readonly apiRef: pulumi.Output<string>;
  readonly workerRef: pulumi.Output<string>;
  readonly migrateRef: pulumi.Output<string>;
  readonly version: pulumi.Output<string>;
  /** From which tasks may pull: those of Amazon ECR. */
  readonly repositoryArns: pulumi.Output<string>[];

  constructor(name: string, { settings, key }: ImagesArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Images', name, {}, options);
    const mine = { parent: this };
    const platform = settings.architecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64';
    const version =
      settings.images.api === undefined
        ? newVersion(settings, platform, mine)
        : pulumi.output(tagOf(settings.images.api));

    const imageOf = (target: Process): Image => {
      const named = settings.images[target];
      if (named !== undefined) return existing(named, mine);
      const repository = createRepository(`${settings.name}-${target}`, key.arn, mine);
      return build(target, { name: settings.name, platform, version, repository }, mine);
    };
    const [api, worker, migrate] = PROCESSES.map(imageOf) as [Image, Image, Image];
    this.apiRef = api.ref;
    this.workerRef = worker.ref;
    this.migrateRef = migrate.ref;
    this.version = version;
    this.repositoryArns = [api, worker, migrate].flatMap(({ repositoryArn }) => repositoryArn ?? []);
    this.registerOutputs({ version: this.version });
  }
}

/**
 * E.g. 0.1.0-3f9c01ab23de-5d1e: another one for every change of what is built, as a tag can not be moved. Its end is another one also where
 * the same sources are built again, to go back to them: no two builds are equal to the byte.
 */
function newVersion(
  { name, images }: ImagesArgs['settings'],
  platform: string,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const digest = digestSources(ROOT, platform);
  const build = new random.RandomId(
    `${name}-build`,
    { byteLength: 2, keepers: { digest, rebuild: images.rebuild ?? '' } },
    options,
  );
  return pulumi.interpolate`${manifest.version}-${digest}-${build.hex}`;
}

/** `registry/name:1.2@sha256:…` → 1.2, or the begin of the digest where there is no tag. */
export function tagOf(reference: string): string {
  const [name = '', digest = ''] = reference.split('@sha256:');
  return /:([\w.-]+)$/.exec(name)?.[1] ?? digest.slice(0, 12);
}

const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/;

function existing(reference: string, options: pulumi.CustomResourceOptions): Image {
  const [, account, region, repository] = ECR.exec(reference) ?? [];
  if (account === undefined) return { ref: pulumi.output(reference), repositoryArn: undefined };
  const { partition } = aws.getPartitionOutput({}, options);
  return {
    ref: pulumi.output(reference),
    repositoryArn: pulumi.interpolate`arn:${partition}:ecr:${region ?? ''}:${account}:repository/${repository ?? ''}`,
  };
}

function createRepository(
  name: string,
  keyArn: pulumi.Output<string> | undefined,
  options: pulumi.CustomResourceOptions,
): aws.ecr.Repository {
  const repository = new aws.ecr.Repository(
    name,
    {
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [
        keyArn === undefined ? { encryptionType: 'AES256' } : { encryptionType: 'KMS', kmsKey: keyArn },
      ],
      // Images are no data: they are built anew from the sources.
      forceDelete: true,
    },
    options,
  );
  const expire = { action: { type: 'expire' } };
  const rules = [
    {
      ...{ rulePriority: 1, description: 'What was never finished or has lost its tag.', ...expire },
      selection: {
        ...{ tagStatus: 'untagged', countType: 'sinceImagePushed' },
        ...{ countUnit: 'days', countNumber: KEEP_UNTAGGED_DAYS },
      },
    },
    {
      ...{ rulePriority: 2, description: 'Enough to go back to.', ...expire },
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: KEEP_IMAGES },
    },
  ];
  new aws.ecr.LifecyclePolicy(
    name,
    { repository: repository.name, policy: JSON.stringify({ rules }) },
    options,
  );
  return repository;
}

/** The authorities of RDS as Amazon tells them: those that the sources have by themselves lack the youngest regions. China has its own. */
function authoritiesOf(options: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const bundle = 'https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem';
  return aws.getPartitionOutput({}, options).partition.apply((name) => (name === 'aws-cn' ? '' : bundle));
}

interface Build {
  name: string;
  platform: 'linux/arm64' | 'linux/amd64';
  version: pulumi.Output<string>;
  repository: aws.ecr.Repository;
}

function build(
  target: Process,
  { name, platform, version, repository }: Build,
  options: pulumi.CustomResourceOptions,
): Image {
  const login = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, options);
  // Relative to where Pulumi runs the program, which is the same on every machine; an absolute path would be another state on each.
  const root = path.relative(process.cwd(), ROOT);
  const image = new dockerBuild.Image(
    `${name}-${target}-image`,
    {
      target,
      platforms: [platform],
      context: { location: root },
      dockerfile: { location: path.join(root, 'docker/Dockerfile') },
      buildArgs: { VERSION: version, REVISION: version, RDS_CA_BUNDLE_URL: authoritiesOf(options) },
      tags: [pulumi.interpolate`${repository.repositoryUrl}:${version}`],
      push: true,
      buildOnPreview: false,
      registries: [
        {
          address: repository.repositoryUrl,
          username: login.userName,
          password: pulumi.secret(login.password),
        },
      ],
    },
    options,
  );
  return {
    ref: pulumi.interpolate`${repository.repositoryUrl}@${image.digest}`,
    repositoryArn: repository.arn,
  };
}
