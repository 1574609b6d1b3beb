// Whether the settings are ones that the code knows, come from where they are said to be, and fit each other.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1';
import type { IConfigMap, IContainer, ISecret } from 'kubernetes-models/v1';
import { ROOT } from '../service/root.ts';
import { faults, ofKind, type Pods, podsOf } from './cluster.ts';
import { type KubernetesDocument, readDocuments } from './documents.ts';

export interface Known {
  /** Every variable of .env.example, and those of the AWS SDK. */
  settings: Set<string>;
  /** name/key of each entry of secret.example.yaml. */
  secrets: Set<string>;
}

/** What a worker leaves itself to end, once its jobs have ended. */
const CLOSING_MS = 5000;
const OF_AWS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

export async function readKnown(): Promise<Known> {
  const text = await readFile(path.join(ROOT, '.env.example'), 'utf8');
  const names = [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
  const example = ofKind<ISecret>(await readDocuments('secret.example.yaml'), 'Secret');
  const secrets = example.flatMap(({ metadata, stringData = {} }) =>
    Object.keys(stringData).map((key) => `${metadata.name}/${key}`),
  );
  return { settings: new Set([...names, ...OF_AWS]), secrets: new Set(secrets) };
}

export function settingFaults(documents: KubernetesDocument[], known: Known): string[] {
  const maps = ofKind<IConfigMap>(documents, 'ConfigMap');
  const config = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
  return [
    ...Object.keys(config)
      .filter((name) => !known.settings.has(name))
      .map((name) => `ConfigMap: ${name} is no setting`),
    ...podsOf(documents).flatMap((pods) => [
      ...pods.containers.flatMap((one) => environmentFaults(pods, one, { maps, known })),
      ...(pods.kind === 'Deployment' ? graceFaults(pods, config) : []),
    ]),
    ...triggerFaults(documents, known),
    ...ofKind<IIngress>(documents, 'Ingress').flatMap((one) => bodyFaults(one, config)),
  ];
}

function environmentFaults(
  { name }: Pods,
  { name: container, env = [], envFrom = [] }: IContainer,
  { maps, known }: { maps: KubernetesDocument[]; known: Known },
): string[] {
  const refs = env.map(({ valueFrom }) => valueFrom?.secretKeyRef);
  const required = ['DATABASE_URL', 'QUEUE_URL'];
  return faults(`${name}, container ${container}`, {
    'is told a setting that is none': env.every((one) => known.settings.has(one.name)),
    'reads a secret that is not documented': refs.every((ref) =>
      known.secrets.has(`${ref?.name}/${ref?.key}`),
    ),
    'reads a ConfigMap that is not there': envFrom.every(({ configMapRef }) =>
      maps.some(({ metadata }) => metadata.name === configMapRef?.name),
    ),
    'is not told where its database and its queue are': required.every((one) =>
      env.some((entry) => entry.name === one),
    ),
  });
}

function graceFaults({ name, spec }: Pods, config: Record<string, string>): string[] {
  const drainMs = Number(config.DRAIN_DELAY_MS) + Number(config.DRAIN_TIMEOUT_MS) + CLOSING_MS;
  return faults(name, {
    'is killed before it has drained': (spec.terminationGracePeriodSeconds ?? 30) * 1000 > drainMs,
    'is still sent requests when it stops': Number(config.DRAIN_DELAY_MS) >= 5000,
  });
}

function triggerFaults(documents: KubernetesDocument[], { secrets }: Known): string[] {
  const triggers = ofKind<{ spec: { secretTargetRef: { name: string; key: string }[] } }>(
    documents,
    'TriggerAuthentication',
  );
  return triggers.flatMap(({ metadata, spec }) =>
    faults(`TriggerAuthentication ${metadata.name}`, {
      'reads a secret that is not documented': spec.secretTargetRef.every((ref) =>
        secrets.has(`${ref.name}/${ref.key}`),
      ),
    }),
  );
}

function bodyFaults({ metadata }: IIngress & KubernetesDocument, config: Record<string, string>): string[] {
  const annotations = (metadata as { annotations?: Record<string, string> }).annotations ?? {};
  const maxMebibytes = Number(annotations['nginx.org/client-max-body-size']?.replace(/m$/, ''));
  return faults(`Ingress ${metadata.name}`, {
    'lets no image of MAX_UPLOAD_BYTES in': maxMebibytes * 1_048_576 > Number(config.MAX_UPLOAD_BYTES),
  });
}
