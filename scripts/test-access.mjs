// npm run test:access: install, build, then call every route as everybody, and prove who is let in.
import { build, install, main, run } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await run(process.execPath, ['test/dist/src/access/main.js', ...process.argv.slice(2)]);
});
