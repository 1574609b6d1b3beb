// The stacks that everything is shown on: what a person would configure, one row a case. Knows names of options, and no resource.
import type { Configuration } from './run-program.ts';

export interface Profile {
  /** Of the Pulumi stack. */
  stack: string;
  /** Why it is here. */
  about: string;
  configuration: Configuration;
}

/** A key of nobody's. */
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwYAWb5nulO+0N8ZnMMgJ
+Co6otGxaKl1wTDA2yhHtlOUsNOOAvwaDP4kycrXB8sS1ANM4mvu9Kac03eiwkpG
rIU9UCFwVRud6KLZR+TkjiU2l2wOnW35McxkXDPaBHs8RECAH4Uz/O6tFcECWUQb
nlz52dvlUQ7Gzx6+uNd7OIlAtzvkYDW9Cw9M3ggL9syWvHY+0ySzYnnPMO6J7EQG
q3qIlxbQsgvE9Ol/RBI4Uz9kOuFXdkUSNj0/uyZObMnJhgONPodJ2uunY3ih1ARm
4YlvrgAPaScfltcxz9Xj7wy+JWlKhPi9ihrWqrC9fs2Zm3AF6W6trNWOJiMZEsDO
6QIDAQAB
-----END PUBLIC KEY-----
`;

const DOMAIN = { domain: 'images.example.org', zoneId: 'Z0123456789ABCDEFGHIJ' };
const SIGNED = { cdnPublicKey: PUBLIC_KEY, cdnPrivateKey: 'the private half of a key of nobody' };
const PROD = { profile: 'prod', ...DOMAIN };

export const PROFILES: Record<string, Profile> = {
  small: { stack: 'dev', about: 'the cheapest that works', configuration: {} },
  prod: {
    stack: 'prod',
    about: 'what prod takes by itself, without a domain',
    configuration: { profile: 'prod' },
  },
  domain: {
    stack: 'live',
    about: 'prod with a name of its own, people to tell, and a budget',
    configuration: { ...PROD, alarmEmail: 'operators@example.org', monthlyBudgetUsd: '500' },
  },
  'blue-green': {
    stack: 'blue',
    about: 'a new version takes over as a whole',
    configuration: { ...PROD, deployment: 'BLUE_GREEN', bakeMinutes: '15' },
  },
  endpoints: {
    stack: 'closed',
    about: 'no way out: AWS alone, by endpoints',
    configuration: { ...PROD, egress: 'endpoints', cdn: 'false', zones: '2' },
  },
  everything: {
    stack: 'all',
    about: 'all that is there by choice',
    configuration: {
      ...{ ...PROD, ...SIGNED, cdn: 'true', waf: 'true', signIn: 'true', logSearch: 'true', gateway: 'true' },
      ...{
        ownKey: 'true',
        interfaceEndpoints: 'true',
        flowLogs: 'true',
        workerSpot: 'true',
        protectAfterSeconds: '10',
      },
      ...{ alarmEmail: 'operators@example.org', monthlyBudgetUsd: '2000', deployment: 'CANARY' },
      environment: JSON.stringify({ LOG_LEVEL: 'debug', MAX_PIXELS: '32000000' }),
    },
  },
  nat: {
    stack: 'nat',
    about: 'three zones, one NAT gateway, two replicas of the queue, other processors',
    configuration: {
      ...{ profile: 'prod', egress: 'nat', zones: '3', cidr: '172.20.0.0/20', architecture: 'X86_64' },
      ...{ cacheReplicas: '2', waf: 'false', deployment: 'LINEAR' },
    },
  },
  prebuilt: {
    stack: 'Feature_Branch-42-of-somebody',
    about: 'images that are there already, by digest; a delivery without a domain',
    configuration: {
      ...Object.fromEntries(
        ['api', 'worker', 'migrate'].map((name) => [
          `${name}Image`,
          `registry.example.org/tintype/${name}@sha256:${'4'.repeat(64)}`,
        ]),
      ),
      ...{ architecture: 'X86_64', cdn: 'true', waf: 'true', ...SIGNED, protectAfterSeconds: '0' },
    },
  },
};
