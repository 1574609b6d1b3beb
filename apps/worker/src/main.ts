#!/usr/bin/env node
// The worker's process: environment → deps → take jobs → close with grace.
import { ConfigError, createLogger } from '@tintype/core';
import closeWithGrace from 'close-with-grace';
import { readConfig } from './config.ts';
import { openDeps } from './deps.ts';
import { startEmbeddedMetrics } from './embedded-metrics.ts';
import { startMetricsServer } from './metrics-server.ts';
import { startWorker } from './worker.ts';

/** Time left, after the jobs' own, to close connections. */
const CLOSING_MS = 5000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger({ name: 'worker', level: config.logLevel });
  const giveUp = (reason: string) => () => {
    log.fatal(reason);
    process.exit(1);
  };
  const onBroken = giveUp(
    'decoders do not start: is DECODER_MEMORY_BYTES too small, or sharp not installed for this machine?',
  );
  const deps = await openDeps(config, { log, onBroken });
  const onStuck = giveUp('the queue has jobs and none is begun: exiting to be started anew');
  const { metrics, inspector, renderer } = deps;
  metrics.watch('decoders', () => inspector.decoderPids().length);
  metrics.watch('renderers', () => renderer.pids().length);
  let isWorking = false;
  const metricsServer = await startMetricsServer(config, {
    metrics,
    isWorking: () => isWorking,
    ping: () => deps.db.ping(),
  });
  const worker = await startWorker(config, deps, onStuck);
  isWorking = true;
  const embeddedMetrics = startEmbeddedMetrics(config, { ...deps, isWorking: () => isWorking });

  const { close } = closeWithGrace(
    { delay: config.drainTimeoutMs + CLOSING_MS, logger: log },
    async ({ err, signal }) => {
      if (err !== undefined) log.fatal({ err }, 'stopping after an unexpected error');
      else log.info({ signal }, 'stopping');
      isWorking = false;
      await worker.stop(config.drainTimeoutMs);
      await embeddedMetrics?.stop();
      await metricsServer?.close();
      await deps.close();
    },
  );
  // Whoever started us as a child is gone: so are we.
  process.once('disconnect', () => void close());

  log.info({ concurrency: config.concurrency, decoders: config.decoders }, 'taking jobs');
  process.send?.({ ready: true });
}

main().catch((error: Error) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : error.stack}\n`);
  process.exit(1);
});
