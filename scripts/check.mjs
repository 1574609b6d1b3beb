// npm run check: all that a change must pass. The same in CI.
import { bin, build, install, main, run, say } from './toolchain.mjs';

main(async () => {
  await install();
  say('format, lint and import rules …');
  await run(bin('biome'), ['check']);
  say('build …');
  await build();
  say('docs/openapi.json and .env.example are what the code says …');
  await run(process.execPath, ['scripts/describe.mjs', '--check']);
  if (process.argv.includes('--no-tests')) return;
  say('tests …');
  await run(process.execPath, ['scripts/test.mjs']);
});
