// Finds things in the objects of a deployment: pods, and what selects, names or scales them.
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IJob } from 'kubernetes-models/batch/v1';
import type { IContainer, IPodSpec, IPodTemplateSpec } from 'kubernetes-models/v1';
import type { KubernetesDocument } from './documents.ts';

export type Deployment = IDeployment & KubernetesDocument;

/** What a Deployment or a Job starts. */
export interface Pods {
  /** Deployment tintype-api. */
  name: string;
  kind: string;
  labels: Record<string, string>;
  spec: IPodSpec;
  containers: IContainer[];
}

export function ofKind<Kind extends object>(
  documents: KubernetesDocument[],
  kind: string,
): (Kind & KubernetesDocument)[] {
  return documents.filter((one) => one.kind === kind) as (Kind & KubernetesDocument)[];
}

export function podsOf(documents: KubernetesDocument[]): Pods[] {
  return [...ofKind<IDeployment>(documents, 'Deployment'), ...ofKind<IJob>(documents, 'Job')].map((one) => {
    const template: IPodTemplateSpec = one.spec?.template ?? {};
    const spec = template.spec ?? { containers: [] };
    return {
      name: `${one.kind} ${one.metadata.name}`,
      kind: one.kind,
      labels: template.metadata?.labels ?? {},
      spec,
      containers: [...(spec.initContainers ?? []), ...spec.containers],
    };
  });
}

/** No labels select nothing here: what selects everything is never meant. */
export function selects(
  selector: Record<string, string> | undefined,
  labels: Record<string, string>,
): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

export function portNames({ containers }: Pods): (string | undefined)[] {
  return containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
}

export function isThere(documents: KubernetesDocument[], kind: string, name: string | undefined): boolean {
  return documents.some((one) => one.kind === kind && one.metadata.name === name);
}

/** Only the faults whose condition is not met. */
export function faults(place: string, conditions: Record<string, boolean>): string[] {
  return Object.entries(conditions)
    .filter(([, met]) => !met)
    .map(([fault]) => `${place}: ${fault}`);
}
