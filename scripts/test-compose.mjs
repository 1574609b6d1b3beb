// npm run test:compose: install, build, then the whole stack of docker-compose.yml on a real Docker engine.
import { build, install, main } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  // In this process: whoever ends it must reach who has to remove the stack.
  await import('../test/dist/src/compose/main.js');
});
