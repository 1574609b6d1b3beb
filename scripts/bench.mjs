// npm run bench: install, build, then the benchmarks (bench/README.md).
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['bench/dist/src/main.js', ...process.argv.slice(2)]);
});
