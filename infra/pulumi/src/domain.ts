// A name of one's own: a certificate that AWS renews by itself, and the record that leads to what has the name. Knows no service.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface NameArgs {
  /** Of the resources. */
  label: string;
  /** E.g. images.example.com. */
  domainName: string;
  /** Route 53 hosted zone of the name. */
  zoneId: string;
  /** Where the certificate is needed, when that is not the stack's own region. */
  region?: string;
}

/** ARN of a certificate, known once it is valid: to prove that the name is ours takes minutes. */
export function certify(
  { label, domainName, zoneId, region }: NameArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const where = region === undefined ? {} : { region };
  const certificate = new aws.acm.Certificate(
    `${label}-certificate`,
    { ...where, domainName, validationMethod: 'DNS', tags: { Name: domainName } },
    options,
  );
  const proof = certificate.domainValidationOptions.apply(([first]) => {
    if (first === undefined) throw new Error(`${domainName}: AWS asks for no proof.`);
    return first;
  });
  const record = new aws.route53.Record(
    `${label}-proof`,
    {
      ...{ zoneId, name: proof.resourceRecordName, type: proof.resourceRecordType, ttl: 300 },
      // The same name is proved by the same record: another stack or region may have left it.
      ...{ records: [proof.resourceRecordValue], allowOverwrite: true },
    },
    options,
  );
  return new aws.acm.CertificateValidation(
    `${label}-valid`,
    { ...where, certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    options,
  ).certificateArn;
}

export interface AliasArgs extends NameArgs {
  /** What has the name: the load balancer or the distribution, with the zone that AWS keeps it in. */
  to: { dnsName: pulumi.Output<string>; zoneId: pulumi.Output<string> };
  /** It has IPv6 addresses, too. */
  hasIpv6: boolean;
}

/** Address where the name leads once the records are there, e.g. https://images.example.com. */
export function lead(
  { label, domainName, zoneId, to, hasIpv6 }: AliasArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const types = hasIpv6 ? ['A', 'AAAA'] : ['A'];
  const records = types.map(
    (type) =>
      new aws.route53.Record(
        `${label}-${type.toLowerCase()}`,
        {
          ...{ zoneId, name: domainName, type },
          aliases: [{ name: to.dnsName, zoneId: to.zoneId, evaluateTargetHealth: false }],
        },
        options,
      ),
  );
  return pulumi.all(records.map(({ id }) => id)).apply(() => `https://${domainName}`);
}
