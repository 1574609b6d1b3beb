// npm run build: install and compile.
import { build, install, main } from './toolchain.mjs';

main(async () => {
  await install();
  await build();
});
