// The cellar's only door: real PostgreSQL, Redis and S3 on free ports of 127.0.0.1, for tests and for `npm start`, and what it takes to start
// another server as well.
// Refuses to know anything of ours; never shipped.
export { type Daemon, startDaemon } from './daemon.ts';
export { createDatabase, dropDatabase } from './databases.ts';
export { installPackages, whyNotInstallable } from './debian-packages.ts';
export { freePort } from './free-port.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres.ts';
export { findProgram } from './program.ts';
export { type RedisOptions, type RedisServer, startRedis } from './redis.ts';
export { type S3Options, type S3Server, startS3 } from './s3.ts';
export { ServiceUnavailableError } from './service-unavailable.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
