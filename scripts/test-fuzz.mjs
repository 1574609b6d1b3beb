// npm run test:fuzz: install, build, then hostile requests to every operation of the HTTP API.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/http-fuzz/main.js', ...process.argv.slice(2)]);
});
