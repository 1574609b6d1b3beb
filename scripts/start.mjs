// npm start: install, build, then the whole service on this machine (apps/local).
import { build, install, main } from './toolchain.mjs';

const HELP = `npm start – Tintype on this machine

  npm start                  start; data is kept in .tintype/
  npm start -- --fresh       forget everything first
  npm start -- --port 4000   listen there (default: PORT, or 3000)

The two dashes are for npm: without them it keeps what follows to itself. Ctrl-C stops the service.
`;

main(async () => {
  if (process.argv.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  await install();
  await build();
  await import('../apps/local/dist/src/main.js');
});
