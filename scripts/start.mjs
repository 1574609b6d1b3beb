// npm start: install, build, then the whole service on this machine (apps/local).
import { build, install, main } from './toolchain.mjs';

main(async () => {
  if (!process.argv.includes('--help')) await install();
  if (!process.argv.includes('--help')) await build();
  await import('../apps/local/dist/src/main.js');
});
