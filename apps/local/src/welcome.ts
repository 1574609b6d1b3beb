// What a person reads when everything runs: where, and one command to try it with.

export function printWelcome({ port, key, image }: { port: number; key: string; image: string }): void {
  const address = `http://localhost:${port}`;
  process.stdout.write(`
Tintype listens on ${address}

Post a picture and read what it says about itself:

  curl -H 'X-API-Key: ${key}' -H 'Prefer: wait=10' -F image=@${image} ${address}/v1/jobs

The API:  ${address}/docs        Logs and data:  .tintype/        Stop:  Ctrl-C
`);
}
