// npm run tintype -- …: install, build, then the operators' command (apps/cli).
import { build, install, main } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
  await import('../apps/cli/dist/src/main.js');
});
