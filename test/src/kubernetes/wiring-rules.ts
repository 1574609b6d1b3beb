// Whether what names something names something that is there: selectors, ports, accounts, targets.
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IIngress, INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService, IServiceAccount } from 'kubernetes-models/v1';
import {
  type Deployment,
  faults,
  isThere,
  ofKind,
  type Pods,
  podsOf,
  portNames,
  selects,
} from './cluster.ts';
import type { KubernetesDocument } from './documents.ts';

export function wiringFaults(documents: KubernetesDocument[]): string[] {
  const pods = podsOf(documents);
  return [
    ...ofKind<Deployment>(documents, 'Deployment').flatMap((one) => deploymentFaults(one, documents)),
    ...ofKind<IService>(documents, 'Service').flatMap((one) => serviceFaults(one, pods)),
    ...ofKind<IPodDisruptionBudget>(documents, 'PodDisruptionBudget').flatMap(({ metadata, spec }) =>
      faults(`PodDisruptionBudget ${metadata.name}`, {
        'selects no pods': pods.some(({ labels }) => selects(spec?.selector?.matchLabels, labels)),
      }),
    ),
    ...ofKind<INetworkPolicy>(documents, 'NetworkPolicy').flatMap((one) => networkFaults(one, pods)),
    ...pods.flatMap((one) => accountFaults(one, documents)),
    ...ofKind<IIngress>(documents, 'Ingress').flatMap((one) => ingressFaults(one, documents)),
  ];
}

function deploymentFaults({ metadata, spec }: Deployment, documents: KubernetesDocument[]): string[] {
  const scalers = scalersOf(metadata.name, documents);
  return faults(`Deployment ${metadata.name}`, {
    'does not select its own pods': selects(
      spec?.selector.matchLabels,
      spec?.template.metadata?.labels ?? {},
    ),
    'is scaled by two': scalers.length < 2,
    'sets back how many there are': spec?.replicas === undefined,
  });
}

/** What scales it; and no scaler without something to scale. */
function scalersOf(name: string, documents: KubernetesDocument[]): KubernetesDocument[] {
  const scalers = [
    ...ofKind<IHorizontalPodAutoscaler>(documents, 'HorizontalPodAutoscaler'),
    ...ofKind<{ spec: { scaleTargetRef: { name: string } } }>(documents, 'ScaledObject'),
  ];
  return scalers.filter(({ spec }) => spec?.scaleTargetRef.name === name);
}

export function scalerFaults(documents: KubernetesDocument[]): string[] {
  const names = ofKind<Deployment>(documents, 'Deployment').map(({ metadata }) => metadata.name);
  const scalers = documents.filter(({ kind }) => ['HorizontalPodAutoscaler', 'ScaledObject'].includes(kind));
  const aimed = names.flatMap((name) => scalersOf(name, documents));
  return scalers
    .filter((one) => !aimed.includes(one))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}: scales nothing that is there`);
}

function serviceFaults({ metadata, spec }: IService & KubernetesDocument, pods: Pods[]): string[] {
  const selected = pods.filter(({ labels }) => selects(spec?.selector, labels));
  const ports = (spec?.ports ?? []).map(({ targetPort }) => String(targetPort));
  return faults(`Service ${metadata.name}`, {
    'does not select the pods of one Deployment': selected.length === 1 && selected[0]?.kind === 'Deployment',
    'leads to a port that is not there': ports.every((port) =>
      selected.every((one) => portNames(one).includes(port)),
    ),
  });
}

function networkFaults({ metadata, spec }: INetworkPolicy & KubernetesDocument, pods: Pods[]): string[] {
  const selected = pods.filter(({ labels }) => selects(spec?.podSelector?.matchLabels, labels));
  const rules = spec?.ingress ?? [];
  const ports = rules.flatMap((rule) => rule.ports ?? []).map(({ port }) => String(port));
  return faults(`NetworkPolicy ${metadata.name}`, {
    'selects no pods': selected.length > 0,
    'opens a port that is not there': ports.every((port) =>
      selected.some((one) => portNames(one).includes(port)),
    ),
    'lets anybody in, or to any port': rules.every((rule) => rule.from?.length && rule.ports?.length),
    'is not about what comes in': spec?.policyTypes?.includes('Ingress') === true,
  });
}

function accountFaults({ name, spec, labels }: Pods, documents: KubernetesDocument[]): string[] {
  const account = ofKind<IServiceAccount>(documents, 'ServiceAccount').find(
    ({ metadata }) => metadata.name === spec.serviceAccountName,
  );
  const closed = ofKind<INetworkPolicy>(documents, 'NetworkPolicy').some(
    (one) => selects(one.spec?.podSelector?.matchLabels, labels) && one.spec?.ingress === undefined,
  );
  return faults(name, {
    'has no account of its own without a token': account?.automountServiceAccountToken === false,
    'is open to all that no policy names': closed,
  });
}

function ingressFaults(
  { metadata, spec }: IIngress & KubernetesDocument,
  documents: KubernetesDocument[],
): string[] {
  const paths = (spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  const hosts = (spec?.tls ?? []).flatMap((one) => one.hosts ?? []);
  return faults(`Ingress ${metadata.name}`, {
    'leads to a Service that is not there': paths.every(({ backend }) =>
      isThere(documents, 'Service', backend.service?.name),
    ),
    'shows what is for operators': paths.every(
      (one) => !/^\/($|metrics|admin|healthz|readyz)/.test(one.path ?? '/'),
    ),
    'has a host without TLS': (spec?.rules ?? []).every(({ host = '' }) => hosts.includes(host)),
  });
}
