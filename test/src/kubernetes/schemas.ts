// Whether an object is one that Kubernetes or KEDA takes: by the schemas of their APIs, which come as classes that validate.
import type { KubernetesDocument } from './documents.ts';

/** A class of the packages for one kind; `validate` throws an error with a line for each fault. */
type Kind = new (document: KubernetesDocument) => { validate(): void };

/** @returns what is wrong, each with its place; empty: nothing */
export async function schemaFaults(document: KubernetesDocument): Promise<string[]> {
  const place = `${document.kind} ${document.metadata.name}`;
  const Model = await findKind(document);
  if (Model === undefined) return [`${place}: ${document.apiVersion} has no such kind`];
  const unread: (() => string[])[] = [];
  const model = new Model(document);
  try {
    model.validate.call(watch(model, '', unread));
  } catch (error) {
    return [`${place}: ${(error as Error).message}`];
  }
  return unread.flatMap((names) => names()).map((name) => `${place}: ${name} is no field of it`);
}

/** Those of Kubernetes itself that are no more, or not yet, everywhere; the package has them all. */
const UNSTABLE = /v\d+(alpha|beta)\d+$/;

async function findKind({ apiVersion, kind }: KubernetesDocument): Promise<Kind | undefined> {
  const isKeda = apiVersion.startsWith('keda.sh/');
  if (!isKeda && UNSTABLE.test(apiVersion)) return undefined;
  const room = isKeda ? '@kubernetes-models/keda' : 'kubernetes-models';
  try {
    const kinds = (await import(`${room}/${apiVersion}`)) as Record<string, Kind>;
    return kinds[kind];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
}

/** The schemas of Kubernetes allow fields that they do not know. One that the validator never reads is such a field. */
function watch(value: unknown, path: string, unread: (() => string[])[]): object {
  const watched = new Map<string | symbol, unknown>();
  const target = value as object;
  unread.push(() =>
    Object.keys(target)
      .filter((key) => !watched.has(key))
      .map((key) => `${path}/${key}`),
  );
  return new Proxy(target, {
    get: (_, key) => {
      if (!watched.has(key)) {
        const inner: unknown = Reflect.get(target, key);
        const isTree = typeof inner === 'object' && inner !== null;
        watched.set(key, isTree ? watch(inner, `${path}/${String(key)}`, unread) : inner);
      }
      return watched.get(key);
    },
  });
}
