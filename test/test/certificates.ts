// A certificate authority of a test's own and what it vouches for, by openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';

export interface Authority {
  /** Of its own certificate, in PEM. */
  caFile: string;
  /** Of a server that is called 127.0.0.1 and nothing else, in PEM. */
  certificate: string;
  key: string;
}

/** Why there are no certificates here; false where there are. */
export const noOpenssl: string | false = hasOpenssl() ? false : 'openssl is not installed';

function hasOpenssl(): boolean {
  try {
    openssl('version');
    return true;
  } catch {
    return false;
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}

/** Gone when the test file ends. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(path.join(tmpdir(), 'tintype-authority-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => path.join(folder, name);
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = ['-keyout', at('ca.key'), '-out', at('ca.crt'), '-days', '2', '-subj', '/CN=Tintype tests'];
  openssl('req', '-x509', ...fresh, ...ca);
  const server = ['-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=server'];
  openssl('req', ...fresh, ...server, '-addext', 'subjectAltName=IP:127.0.0.1');
  const issuer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', at('server.csr'), '-out', at('server.crt'), '-days', '2', ...issuer);
  return {
    caFile: at('ca.crt'),
    certificate: readFileSync(at('server.crt'), 'utf8'),
    key: readFileSync(at('server.key'), 'utf8'),
  };
}
