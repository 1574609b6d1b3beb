// infra/kubernetes: by the schemas of Kubernetes and KEDA, by our own rules, and each rule by a fault that it must see.
import { createDatabase, dropDatabase } from '@tintype/local';
import { newId, openDatabase } from '@tintype/prisma';
import pg from 'pg';
import t from 'tap';
import {
  type KubernetesDocument,
  kustomize,
  readDocuments,
  readKustomization,
} from '../src/kubernetes/documents.ts';
import { podFaults } from '../src/kubernetes/pod-rules.ts';
import { schemaFaults } from '../src/kubernetes/schemas.ts';
import { readKnown, settingFaults } from '../src/kubernetes/settings-rules.ts';
import { scalerFaults, wiringFaults } from '../src/kubernetes/wiring-rules.ts';
import { MUTANTS } from './kubernetes-mutants.ts';

const known = await readKnown();

async function faultsOf(documents: KubernetesDocument[]): Promise<string[]> {
  const bySchema = (await Promise.all(documents.map(schemaFaults))).flat();
  return [
    ...bySchema,
    ...podFaults(documents),
    ...wiringFaults(documents),
    ...scalerFaults(documents),
    ...settingFaults(documents, known),
  ];
}

const KINDS = {
  base: [
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'Job',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'ServiceAccount',
  ],
  'overlays/example': ['Ingress', 'Namespace', 'ScaledObject', 'TriggerAuthentication'],
};

for (const folder of ['base', 'overlays/example'] as const)
  t.test(`${folder} is sound`, async (t) => {
    const read = await readKustomization(folder);
    const wanted = folder === 'base' ? KINDS.base : [...KINDS.base, ...KINDS[folder]];
    t.same([...new Set(read.map(({ kind }) => kind))].sort(), wanted.sort());
    t.same(await faultsOf(read), []);
    const built = await kustomize(folder);
    t.test(
      'as kustomize makes it',
      { skip: built === undefined && 'no kustomize and no kubectl here' },
      async (t) => {
        t.same(await faultsOf(built ?? []), []);
        t.equal(built?.length, read.length, 'and what is read without it is the same');
      },
    );
  });

t.test('either component, never both', async (t) => {
  const base = await readKustomization('base');
  const hpa = await readKustomization('components/hpa');
  const keda = await readKustomization('components/keda');
  t.same(await faultsOf([...base, ...hpa]), []);
  t.same(await faultsOf([...base, ...keda]), []);
  t.match(await faultsOf([...base, ...hpa, ...keda]), [/^Deployment tintype-worker: is scaled by two$/]);
});

t.test('the example of the Secret', async (t) => {
  const documents = await readDocuments('secret.example.yaml');
  t.same((await Promise.all(documents.map(schemaFaults))).flat(), []);
  for (const folder of ['base', 'overlays/example'])
    t.notOk(
      (await readKustomization(folder)).some(({ kind }) => kind === 'Secret'),
      'is applied by nothing',
    );
});

t.test('what KEDA asks PostgreSQL is what we call waiting', async (t) => {
  const { TEST_POSTGRES_URL: server = '', TEST_POSTGRES_TEMPLATE: template = '' } = process.env;
  const url = await createDatabase(server, `test_${crypto.randomUUID().replaceAll('-', '')}`, { template });
  const db = openDatabase({ url });
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await db.close();
    await dropDatabase(url);
  });
  const tenantId = newId();
  const jobs = [newId(), newId(), newId()] as const;
  for (const jobId of jobs)
    await db.uploads.acceptUrl({
      imageId: newId(),
      jobId,
      tenantId,
      objectKey: `k/${jobId}`,
      sourceUrl: 'https://example.com/a.jpg',
      options: {},
      title: null,
      tags: [],
      requestId: 'r',
      webhookUrl: null,
      path: null,
      isPublic: false,
      traceparent: null,
      idempotency: null,
    });
  await db.work.claim(jobs[0], { worker: 'w', leaseMs: 60_000 });
  const [scaled] = (await readKustomization('components/keda')).filter(({ kind }) => kind === 'ScaledObject');
  const { triggers } = (scaled as unknown as { spec: { triggers: { metadata: { query: string } }[] } }).spec;
  const { rows } = await client.query<string[]>({
    text: triggers[0]?.metadata.query ?? '',
    rowMode: 'array',
  });
  t.same(rows, [['2']]);
  t.equal((await db.jobs.depth()).queued, 2);
});

t.test('every rule sees its fault', async (t) => {
  const sound = await readKustomization('overlays/example');
  for (const [about, [change, fault]] of Object.entries(MUTANTS)) {
    // Not structuredClone: what one anchor names would stay one thing.
    const documents = JSON.parse(JSON.stringify(sound)) as KubernetesDocument[];
    change(documents);
    t.match((await faultsOf(documents)).join('\n'), fault, about);
  }
});
