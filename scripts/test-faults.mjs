// npm run test:faults: install, build, then break everything under the real service.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/faults/main.js', ...process.argv.slice(2)]);
});
