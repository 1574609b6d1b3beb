// npm run test:sources: install, build, then show that everything works here that the systems before this one promised.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/sources/main.js', ...process.argv.slice(2)]);
});
