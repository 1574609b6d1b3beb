// npm test [-- path…]: install, build, then the runner, which starts what the tests need (test/src/run.ts).
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/run.js', ...process.argv.slice(2)]);
});
