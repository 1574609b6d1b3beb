// npm run test:corpus: install, build, then the metadata of a collection of images against what other programs say of them.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/corpus/main.js', ...process.argv.slice(2)]);
});
