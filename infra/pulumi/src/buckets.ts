// The two buckets: of the pictures, and of the logs that AWS writes about requests. Knows who may read and write them, and no key of an object.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { imagesStatements, logsStatements } from './bucket-policies.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { makePrivateBucket, type PrivateBucket } from './private-bucket.ts';
import type { Settings } from './settings.ts';

interface BucketsArgs {
  settings: Settings;
  key: Pick<EncryptionKey, 'arn'>;
}

export class Buckets extends pulumi.ComponentResource {
  readonly imagesName: pulumi.Output<string>;
  readonly imagesArn: pulumi.Output<string>;
  /** Of the region's own endpoint, as CloudFront wants its origin. */
  readonly imagesDomain: pulumi.Output<string>;
  readonly logsName: pulumi.Output<string>;
  readonly logsArn: pulumi.Output<string>;
  readonly logsDomain: pulumi.Output<string>;

  constructor(name: string, { settings, key }: BucketsArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Buckets', name, {}, options);
    const parent = { parent: this };
    const images = makePrivateBucket(
      `${settings.name}-images`,
      {
        keyArn: key.arn,
        versioned: true,
        protect: settings.protect,
        // Half an upload is swept by the service too. What was deleted can be brought back for a month.
        lifecycle: [
          { ...rule('unfinished'), abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
          { ...rule('deleted'), noncurrentVersionExpiration: { noncurrentDays: 30 } },
          { ...rule('markers'), expiration: { expiredObjectDeleteMarker: true } },
        ],
        statements: (arn) => imagesStatements(arn, settings, parent),
      },
      parent,
    );
    allowUploadsByBrowsers(settings, images, parent);
    // AWS writes its logs into no bucket with a key of one's own, and into none whose owner it would have to ask.
    const logs = makePrivateBucket(
      `${settings.name}-logs`,
      {
        keyArn: undefined,
        versioned: false,
        protect: settings.protect,
        lifecycle: [
          { ...rule('old'), expiration: { days: settings.logs.retentionDays } },
          { ...rule('unfinished'), abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
        ],
        statements: (arn) => logsStatements(arn, settings, parent),
      },
      parent,
    );
    this.imagesName = images.name;
    this.imagesArn = images.arn;
    this.imagesDomain = images.domain;
    this.logsName = logs.name;
    this.logsArn = logs.arn;
    this.logsDomain = logs.domain;
    this.registerOutputs({ imagesName: this.imagesName, logsName: this.logsName });
  }
}

/** For all objects of a bucket. */
const rule = (id: string) => ({ id, status: 'Enabled', filter: { prefix: '' } });

/** Pages of the service's own address send files by signed addresses. Without a domain there is no such page yet. */
function allowUploadsByBrowsers(
  { name, domain }: Settings,
  images: PrivateBucket,
  options: pulumi.CustomResourceOptions,
): void {
  if (domain === undefined) return;
  new aws.s3.BucketCorsConfiguration(
    `${name}-cors`,
    {
      bucket: images.name,
      corsRules: [
        {
          ...{ allowedMethods: ['PUT'], allowedOrigins: [`https://${domain.name}`] },
          ...{ allowedHeaders: ['content-type'], maxAgeSeconds: 3600 },
        },
      ],
    },
    options,
  );
}
