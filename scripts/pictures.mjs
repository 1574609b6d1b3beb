// node scripts/pictures.mjs: makes the pictures of docs/pictures anew, by a service that is started for it.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/pictures/main.js']);
});
