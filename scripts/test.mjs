// npm test [-- path…]: install, build, then the runner, which starts what the tests need (test/src/run.ts).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { bin, build, install, main, ROOT, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  if (!existsSync(path.join(ROOT, '.tap/plugins'))) await run(bin('tap'), ['build'], { quiet: true });
  await run(process.execPath, ['test/dist/src/run.js', ...process.argv.slice(2)]);
});
