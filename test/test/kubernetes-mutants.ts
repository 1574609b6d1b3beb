// Faults to seed into infra/kubernetes, each with what must be said of it.
import type { KubernetesDocument } from '../src/kubernetes/documents.ts';

type Tree = { [key: string]: Tree } & Tree[] & string;

/** The object whose change is the fault. */
const at = (documents: KubernetesDocument[], kind: string, name: string) =>
  documents.find((one) => one.kind === kind && one.metadata.name === name) as unknown as Tree;
const pod = (documents: KubernetesDocument[], name = 'api') =>
  at(documents, name === 'migrate' ? 'Job' : 'Deployment', `tintype-${name}`).spec?.template as Tree;
const container = (documents: KubernetesDocument[], name = 'api') =>
  pod(documents, name).spec?.containers?.[0] as Tree;
const config = (documents: KubernetesDocument[]) => at(documents, 'ConfigMap', 'tintype').data as Tree;

const set = (tree: Tree | undefined, key: string, value: unknown) =>
  Object.assign(tree as object, { [key]: value });
const remove = (tree: Tree | undefined, key: string) =>
  delete (tree as object as Record<string, unknown>)[key];
const drop = (documents: KubernetesDocument[], kind: string, name: string) =>
  documents.splice(
    documents.findIndex((one) => one.kind === kind && one.metadata.name === name),
    1,
  );

export const MUTANTS: Record<string, [(documents: KubernetesDocument[]) => unknown, RegExp]> = {
  'a pod that may run as root': [
    (d) => remove(pod(d).spec?.securityContext, 'runAsNonRoot'),
    /may run as root/,
  ],
  'another user': [(d) => set(pod(d, 'worker').spec?.securityContext, 'runAsUser', 0), /may run as root/],
  'a container that may run as root': [
    (d) => set(container(d, 'migrate').securityContext, 'runAsUser', 0),
    /container migrate: may run as root/,
  ],
  'a privileged container': [(d) => set(container(d).securityContext, 'privileged', true), /may run as root/],
  'no seccomp profile': [(d) => remove(pod(d).spec?.securityContext, 'seccompProfile'), /no seccomp/],
  'rights to gain': [
    (d) => remove(container(d, 'worker').securityContext, 'allowPrivilegeEscalation'),
    /may gain rights/,
  ],
  'a root to write to': [
    (d) => set(container(d, 'worker').securityContext, 'readOnlyRootFilesystem', false),
    /may write to its root/,
  ],
  'capabilities kept': [(d) => remove(container(d).securityContext, 'capabilities'), /keeps capabilities/],
  'a capability added': [
    (d) => set(container(d).securityContext?.capabilities, 'add', ['NET_ADMIN']),
    /keeps capabilities/,
  ],
  'a token in the pod': [(d) => remove(pod(d).spec, 'automountServiceAccountToken'), /given a token/],
  'a token of the account': [
    (d) => remove(at(d, 'ServiceAccount', 'tintype-api'), 'automountServiceAccountToken'),
    /no account of its own/,
  ],
  'an account that is not there': [
    (d) => set(pod(d).spec, 'serviceAccountName', 'default'),
    /no account of its own/,
  ],
  'the network of the host': [(d) => set(pod(d).spec, 'hostNetwork', true), /shares something/],
  'a folder of the host': [
    (d) =>
      set(pod(d).spec?.volumes?.[0], 'hostPath', { path: '/' }) &&
      remove(pod(d).spec?.volumes?.[0], 'emptyDir'),
    /not temporary/,
  ],
  'a volume without a limit': [(d) => set(pod(d).spec?.volumes?.[0], 'emptyDir', {}), /has no limit/],
  'no /tmp': [(d) => set(container(d), 'volumeMounts', []), /has no \/tmp/],
  'the latest image': [(d) => set(container(d), 'image', 'tintype/api:latest'), /without a version/],
  'an image without a tag': [
    (d) => set(container(d), 'image', 'registry:5000/tintype/api'),
    /without a version/,
  ],
  'no limit of memory': [
    (d) => remove(container(d).resources?.limits, 'memory'),
    /no limit of cpu or memory/,
  ],
  'no requests': [(d) => remove(container(d).resources, 'requests'), /asks for no cpu/],
  'no readiness': [(d) => remove(container(d), 'readinessProbe'), /whether it is ready/],
  'no liveness': [(d) => remove(container(d, 'worker'), 'livenessProbe'), /whether it lives/],
  'a liveness that follows the database': [
    (d) => set(container(d).livenessProbe?.httpGet, 'path', '/readyz'),
    /whether it lives/,
  ],
  'a probe of no port': [
    (d) => set(container(d).startupProbe?.httpGet, 'port', 'web'),
    /whether it has started/,
  ],
  'a field misspelled': [(d) => set(container(d), 'readinesProbe', {}), /readinesProbe is no field of it/],
  'a field of the wrong type': [
    (d) => set(pod(d).spec, 'terminationGracePeriodSeconds', '90s'),
    /terminationGracePeriodSeconds must be integer/,
  ],
  'a field that must be there': [
    (d) => remove(at(d, 'HorizontalPodAutoscaler', 'tintype-api').spec, 'maxReplicas'),
    /maxReplicas/,
  ],
  'a version of the API that is none': [
    (d) => set(at(d, 'PodDisruptionBudget', 'tintype-api'), 'apiVersion', 'policy/v1beta1'),
    /has no such kind/,
  ],
  'a kind that is none': [
    (d) => set(at(d, 'Service', 'tintype-api'), 'apiVersion', 'v2'),
    /Service tintype-api: v2 has no such kind/,
  ],
  'a trigger misspelled': [
    (d) => set(at(d, 'ScaledObject', 'tintype-worker').spec?.triggers?.[0], 'authRef', { name: 'x' }),
    /authRef is no field of it/,
  ],
  'a Deployment that selects others': [
    (d) =>
      set(
        at(d, 'Deployment', 'tintype-api').spec?.selector?.matchLabels,
        'app.kubernetes.io/component',
        'worker',
      ),
    /does not select its own pods/,
  ],
  'a Service that selects others': [
    (d) => set(at(d, 'Service', 'tintype-api').spec?.selector, 'app.kubernetes.io/component', 'web'),
    /Service tintype-api: does not select/,
  ],
  'a Service that selects all': [
    (d) => remove(at(d, 'Service', 'tintype-api').spec?.selector, 'app.kubernetes.io/component'),
    /Service tintype-api: does not select/,
  ],
  'a Service to no port': [
    (d) => set(at(d, 'Service', 'tintype-api').spec?.ports?.[0], 'targetPort', 'web'),
    /leads to a port/,
  ],
  'a budget for nobody': [
    (d) =>
      set(
        at(d, 'PodDisruptionBudget', 'tintype-worker').spec?.selector?.matchLabels,
        'app.kubernetes.io/component',
        'x',
      ),
    /PodDisruptionBudget tintype-worker: selects no pods/,
  ],
  'a policy that opens to all': [
    (d) => remove(at(d, 'NetworkPolicy', 'tintype-worker').spec?.ingress?.[0], 'from'),
    /lets anybody in/,
  ],
  'a policy of no port': [
    (d) => set(at(d, 'NetworkPolicy', 'tintype-api').spec?.ingress?.[0]?.ports?.[0], 'port', 'web'),
    /opens a port/,
  ],
  'no policy that closes': [(d) => drop(d, 'NetworkPolicy', 'tintype-nobody'), /is open to all/],
  'replicas beside a scaler': [
    (d) => set(at(d, 'Deployment', 'tintype-api').spec, 'replicas', 2),
    /sets back how many/,
  ],
  'a scaler of nothing': [
    (d) => set(at(d, 'ScaledObject', 'tintype-worker').spec?.scaleTargetRef, 'name', 'worker'),
    /ScaledObject tintype-worker: scales nothing/,
  ],
  'a setting that is none': [(d) => set(config(d), 'DRAIN_TIMEOUT', '1'), /DRAIN_TIMEOUT is no setting/],
  'a ConfigMap that is not there': [
    (d) => set(container(d).envFrom?.[0]?.configMapRef, 'name', 'config'),
    /ConfigMap that is not there/,
  ],
  'a key that the Secret has not': [
    (d) => set(container(d).env?.[0]?.valueFrom?.secretKeyRef, 'key', 'POSTGRES_URL'),
    /secret that is not documented/,
  ],
  'a scaler with a key that the Secret has not': [
    (d) => set(at(d, 'TriggerAuthentication', 'tintype-worker').spec?.secretTargetRef?.[0], 'key', 'URL'),
    /TriggerAuthentication tintype-worker: reads a secret/,
  ],
  'no database': [(d) => container(d, 'migrate').env?.shift(), /not told where/],
  'no time to drain': [
    (d) => remove(pod(d, 'worker').spec, 'terminationGracePeriodSeconds'),
    /killed before it has drained/,
  ],
  'a drain that is longer than its time': [
    (d) => set(config(d), 'DRAIN_TIMEOUT_MS', '100000'),
    /killed before it has drained/,
  ],
  'no delay before the drain': [(d) => remove(config(d), 'DRAIN_DELAY_MS'), /still sent requests/],
  'an Ingress that shows everything': [
    (d) => set(at(d, 'Ingress', 'tintype').spec?.rules?.[0]?.http?.paths?.[0], 'path', '/'),
    /for operators/,
  ],
  'an Ingress without TLS': [(d) => remove(at(d, 'Ingress', 'tintype').spec, 'tls'), /without TLS/],
  'an Ingress for small images': [
    (d) => set(at(d, 'Ingress', 'tintype').metadata?.annotations, 'nginx.org/client-max-body-size', '1m'),
    /no image of MAX_UPLOAD_BYTES/,
  ],
  'an Ingress to nowhere': [(d) => drop(d, 'Service', 'tintype-api'), /leads to a Service/],
};
