// npm run describe: writes what is made from code into docs/ and .env.example; with --check tells whether it is stale.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { metadataReference } from './metadata-reference.mjs';
import { build, install, main, ROOT } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  const { describeApi } = await import('../apps/api/dist/src/describe.js');
  const openApi = await describeApi();
  await keep('docs/openapi.json', openApi);
  const { makeCollection } = await import('../test/dist/src/postman/collection.js');
  await keep('docs/postman_collection.json', makeCollection(openApi));
  await keep('.env.example', await describeEnvironment());
  const { Metadata } = await import('../packages/core/dist/src/index.js');
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...Metadata };
  await keep('docs/metadata.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
  await keep('docs/metadata-fields.md', metadataReference(Metadata));
});

async function describeEnvironment() {
  const { describeSettings } = await import('../packages/core/dist/src/index.js');
  const { apiSettings } = await import('../apps/api/dist/src/config.js');
  const { workerSettings } = await import('../apps/worker/dist/src/config.js');
  const own = Object.fromEntries(Object.entries(workerSettings).filter(([key]) => !(key in apiSettings)));
  return `# Every variable, its default and its unit. Nothing reads this file by itself: copy it to .env, fill in the first three, then
# node --env-file=.env apps/api/dist/src/main.js

${describeSettings(apiSettings)}
# The worker alone:

${describeSettings(own)}`;
}

async function keep(name, text) {
  const file = path.join(ROOT, name);
  if (!process.argv.includes('--check')) return writeFile(file, text);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  throw new Error(`${name} is stale: run "npm run describe" and commit what it writes.`);
}
