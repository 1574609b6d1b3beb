// npm run test:corpus: how far the metadata agrees with what other programs say of the same files; fails under the last known score.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { askAll, EXTRACTORS, type Extractor } from './answers.ts';
import { type Collection, findCollection, ROOT } from './collection.ts';
import { type Measured, percent, scoreAnswers, validateAnswers } from './score.ts';
import { agreementTable } from './table.ts';

const HELP = `npm run test:corpus [-- options] – metadata against what other programs say of the same files

  --profile fast|full   only this profile (default: both)
  --alone               also sharp and ExifTool by themselves
  --list FIELD[/FORMAT] the files in which a field differs
  --table               the table of docs/metadata.md, in Markdown
  --keep FOLDER         leave the answers there
  --land                the scores of this run become the floor (test/corpus-floors.json)

CORPUS_DIR names a folder with manifest.json and files/, and compare.mjs in it or beside it.
`;

/** Under these, in percent, a run fails: the last scores that landed. Only of the collection that is named. */
interface Floors {
  collection: string;
  floors: Partial<Record<Extractor, { all: number; confirmed: number }>>;
}

const FLOORS_FILE = path.join(ROOT, 'test/corpus-floors.json');

async function measure(
  extractor: Extractor,
  collection: Collection,
  { folder, list }: { folder: string; list: string | undefined },
): Promise<Measured> {
  const answers = path.join(folder, `${extractor}.jsonl`);
  const { seconds } = await askAll(extractor, collection, answers);
  const all = await scoreAnswers(answers, collection, { confirmed: false, list });
  const confirmed = await scoreAnswers(answers, collection, { confirmed: true });
  const makesDocuments = extractor === 'fast' || extractor === 'full';
  const schema = makesDocuments ? await validateAnswers(answers) : undefined;
  return { all, confirmed, seconds, schema };
}

function line(extractor: Extractor, { all, confirmed, seconds, schema }: Measured): string {
  const { score, p95Ms } = all;
  const files = score.answered + score.failed + score.absent;
  return [
    extractor.padEnd(9),
    `all values ${percent(score.total).toFixed(2)} %`,
    `confirmed ${percent(confirmed.score.total).toFixed(2)} %`,
    `refused ${score.failed} of ${files}, no answer ${score.absent + score.robust.absent}`,
    p95Ms === undefined ? '' : `p95 ${p95Ms.toFixed(1)} ms`,
    `${seconds.toFixed(1)} s`,
    schema === undefined ? '' : `schema ${schema.valid} valid, ${schema.invalid.length} not`,
  ].join('   ');
}

function shortfalls(measured: Map<Extractor, Measured>, { floors }: Floors): string[] {
  return [...measured].flatMap(([extractor, { all, confirmed, schema }]) => {
    const floor = floors[extractor] ?? { all: 0, confirmed: 0 };
    const found: [name: string, value: number, least: number][] = [
      ['all values', percent(all.score.total), floor.all],
      ['confirmed', percent(confirmed.score.total), floor.confirmed],
    ];
    const low = found.filter(([, value, least]) => value < least - 0.005);
    const lost = all.score.absent + all.score.robust.absent;
    return [
      ...low.map(([name, value, least]) => `${extractor}: ${name} ${value.toFixed(2)} %, landed ${least} %`),
      ...(schema?.invalid ?? []).map((text) => `${extractor}: not as the schema says: ${text}`),
      ...(lost === 0 ? [] : [`${extractor}: ${lost} files without an answer`]),
    ];
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      profile: { type: 'string' },
      alone: { type: 'boolean', default: false },
      list: { type: 'string' },
      table: { type: 'boolean', default: false },
      keep: { type: 'string' },
      land: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const collection = findCollection(process.env);
  if (collection === undefined) {
    process.stdout.write('skipped: metadata against a collection – no collection here (CORPUS_DIR)\n');
    return;
  }
  const known: Floors = JSON.parse(await readFile(FLOORS_FILE, 'utf8'));
  const folder = values.keep ?? (await mkdtemp(path.join(tmpdir(), 'tintype-corpus-')));
  await mkdir(folder, { recursive: true });
  const wanted = (Object.keys(EXTRACTORS) as Extractor[]).filter((extractor) =>
    extractor === 'sharp' || extractor === 'exiftool'
      ? values.alone
      : values.profile === undefined || values.profile === extractor,
  );
  const measured = new Map<Extractor, Measured>();
  for (const extractor of wanted) {
    const result = await measure(extractor, collection, { folder, list: values.list });
    measured.set(extractor, result);
    if (!values.table) process.stdout.write(`${result.all.report}\n`);
  }
  if (values.table) process.stdout.write(`${agreementTable(measured)}\n`);
  for (const [extractor, result] of measured) process.stdout.write(`${line(extractor, result)}\n`);
  if (values.keep === undefined) await rm(folder, { recursive: true });

  const name = path.basename(collection.folder);
  if (values.land) await land(measured, name);
  else if (name === known.collection) {
    const low = shortfalls(measured, known);
    for (const text of low) process.stdout.write(`under the floor: ${text}\n`);
    if (low.length > 0) process.exitCode = 1;
  }
}

async function land(measured: Map<Extractor, Measured>, collection: string): Promise<void> {
  const down = (value: number) => Math.floor(value * 100) / 100;
  const floors = Object.fromEntries(
    [...measured]
      .filter(([extractor]) => extractor === 'fast' || extractor === 'full')
      .map(([extractor, { all, confirmed }]) => [
        extractor,
        { all: down(percent(all.score.total)), confirmed: down(percent(confirmed.score.total)) },
      ]),
  );
  await writeFile(FLOORS_FILE, `${JSON.stringify({ collection, floors } satisfies Floors, null, 2)}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
