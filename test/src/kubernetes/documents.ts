// What a folder of infra/kubernetes makes: by kustomize where it is installed, else by reading the few fields of it that are used there.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../service/root.ts';

/** One object of a cluster; its schema says what else is in it. */
export interface KubernetesDocument {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
}

export const FOLDER = path.join(ROOT, 'infra/kubernetes');

const TOOLS = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
] as const;

export async function readDocuments(...parts: string[]): Promise<KubernetesDocument[]> {
  return readAll(await readFile(path.join(FOLDER, ...parts), 'utf8'));
}

/** By the program itself; undefined where none is installed. @throws Error for a folder that does not build */
export async function kustomize(folder: string): Promise<KubernetesDocument[] | undefined> {
  for (const [tool, command] of TOOLS) {
    try {
      const { stdout } = await promisify(execFile)(tool, [command, path.join(FOLDER, folder)]);
      return readAll(stdout);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

interface Kustomization {
  resources?: string[];
  components?: string[];
  configMapGenerator?: { name: string; envs: string[] }[];
}

/** Without it: names, tags and namespaces stay as they stand in the files. */
export async function readKustomization(folder: string): Promise<KubernetesDocument[]> {
  const text = await readFile(path.join(FOLDER, folder, 'kustomization.yaml'), 'utf8');
  const { resources = [], components = [], configMapGenerator = [] } = parse(text) as Kustomization;
  const parts = [...resources, ...components].map((part) =>
    part.endsWith('.yaml') ? readDocuments(folder, part) : readKustomization(path.join(folder, part)),
  );
  const generated = configMapGenerator.map((one) => generate(folder, one));
  return merge((await Promise.all([...parts, ...generated])).flat());
}

async function generate(folder: string, { name, envs }: { name: string; envs: string[] }) {
  const texts = await Promise.all(envs.map((file) => readFile(path.join(FOLDER, folder, file), 'utf8')));
  const lines = texts
    .join('\n')
    .split('\n')
    .filter((line) => /^\w+=/.test(line));
  const data = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]));
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }];
}

/** A generator of the same name adds to the one before it. */
function merge(documents: (KubernetesDocument & { data?: object })[]): KubernetesDocument[] {
  const merged = new Map<string, KubernetesDocument & { data?: object }>();
  for (const one of documents) {
    const key = `${one.apiVersion} ${one.kind} ${one.metadata.name}`;
    const before = merged.get(key);
    merged.set(key, before === undefined ? one : { ...before, data: { ...before.data, ...one.data } });
  }
  return [...merged.values()];
}

function readAll(text: string): KubernetesDocument[] {
  return parseAllDocuments(text).map((one) => {
    for (const error of one.errors) throw error;
    return one.toJS() as KubernetesDocument;
  });
}
