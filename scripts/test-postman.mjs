// npm run test:postman: install, build, then run the Postman collection against a service of its own.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/postman/main.js', ...process.argv.slice(2)]);
});
