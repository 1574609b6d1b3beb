// What every pod owes: no rights it does not need, bounds for what it takes, and answers about its health.
import type { IContainer, IProbe } from 'kubernetes-models/v1';
import { faults, type Pods, podsOf, portNames } from './cluster.ts';
import type { KubernetesDocument } from './documents.ts';

const USER = 10_001;
/** A tag that says which version it is, or a digest. */
const VERSIONED = /(:(?!latest$)[\w][\w.-]*|@sha256:[0-9a-f]{64})$/;

export function podFaults(documents: KubernetesDocument[]): string[] {
  return podsOf(documents).flatMap((pods) => [
    ...rightsOfPod(pods),
    ...pods.containers.flatMap((container) => [
      ...rightsOfContainer(pods, container),
      ...bounds(pods, container),
      ...(pods.kind === 'Deployment' ? health(pods, container) : []),
    ]),
  ]);
}

function rightsOfPod({ name, spec }: Pods): string[] {
  const { securityContext = {}, volumes = [], hostNetwork, hostPID, hostIPC } = spec;
  return faults(name, {
    'may run as root': securityContext.runAsNonRoot === true && securityContext.runAsUser === USER,
    'has no seccomp profile': securityContext.seccompProfile?.type === 'RuntimeDefault',
    'is given a token of the cluster': spec.automountServiceAccountToken === false,
    'is told of services by its environment': spec.enableServiceLinks === false,
    'shares something with its host': !(hostNetwork || hostPID || hostIPC),
    'has a volume that is not temporary, or has no limit': volumes.every(
      (one) => one.emptyDir?.sizeLimit !== undefined,
    ),
  });
}

function rightsOfContainer(
  { name, spec }: Pods,
  { image = '', volumeMounts = [], ...container }: IContainer,
): string[] {
  const { securityContext = {} } = container;
  const { capabilities = {}, runAsUser = USER, runAsNonRoot = true } = securityContext;
  const volumes = (spec.volumes ?? []).map((one) => one.name);
  return faults(`${name}, container ${container.name}`, {
    'may run as root': runAsNonRoot && runAsUser === USER && securityContext.privileged !== true,
    'may gain rights': securityContext.allowPrivilegeEscalation === false,
    'may write to its root': securityContext.readOnlyRootFilesystem === true,
    'keeps capabilities': capabilities.drop?.includes('ALL') === true && capabilities.add === undefined,
    'has an image without a version': VERSIONED.test(image),
    'mounts a volume that is not there': volumeMounts.every((one) => volumes.includes(one.name)),
    'has no /tmp': volumeMounts.some(({ mountPath }) => mountPath === '/tmp'),
  });
}

function bounds({ name }: Pods, { name: container, resources = {} }: IContainer): string[] {
  const { requests = {}, limits = {} } = resources;
  return faults(`${name}, container ${container}`, {
    'asks for no cpu or memory': 'cpu' in requests && 'memory' in requests,
    'has no limit of cpu or memory': 'cpu' in limits && 'memory' in limits,
  });
}

function health(pods: Pods, { name, startupProbe, readinessProbe, livenessProbe }: IContainer): string[] {
  const known = portNames(pods);
  const asks = (probe: IProbe | undefined) => known.includes(String(probe?.httpGet?.port));
  return faults(`${pods.name}, container ${name}`, {
    'is not asked whether it has started': asks(startupProbe),
    'is not asked whether it is ready': asks(readinessProbe),
    'is not asked whether it lives': asks(livenessProbe) && livenessProbe?.httpGet?.path === '/healthz',
  });
}
