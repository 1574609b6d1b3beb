// npm run fuzz: install, build, then coverage-guided fuzzing of the image readers.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/fuzz/main.js', ...process.argv.slice(2)]);
});
