import { AppError } from '@tintype/core';
import t from 'tap';
import { afterFailure } from '../../src/jobs/after-failure.ts';

const CONFIG = { maxAttempts: 5, retryDelayMs: 1000, pixelsWanted: true };
const crash = new AppError('DECODER_CRASHED');

interface Case {
  name: string;
  cause: unknown;
  failures?: number;
  pixelsWanted?: boolean;
  expect: { again: boolean; counts: boolean; errorCode: string; options?: object };
}

const CASES: Case[] = [
  {
    name: 'a permanent error ends the job',
    cause: new AppError('IMAGE_UNREADABLE'),
    expect: { again: false, counts: true, errorCode: 'IMAGE_UNREADABLE' },
  },
  {
    name: 'an unknown error is tried again',
    cause: new Error('odd'),
    expect: { again: true, counts: true, errorCode: 'INTERNAL' },
  },
  {
    name: '… until it has had its attempts',
    cause: new Error('odd'),
    failures: 4,
    expect: { again: false, counts: true, errorCode: 'INTERNAL' },
  },
  {
    name: 'an outage ends no job, however long',
    cause: new AppError('OBJECT_STORE_UNAVAILABLE'),
    failures: 50,
    expect: { again: true, counts: false, errorCode: 'OBJECT_STORE_UNAVAILABLE' },
  },
  {
    name: 'neither does a queue for ExifTool',
    cause: new AppError('OVERLOADED'),
    failures: 50,
    expect: { again: true, counts: false, errorCode: 'OVERLOADED' },
  },
  {
    name: 'nor an outage of the database',
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    failures: 50,
    expect: { again: true, counts: false, errorCode: 'DATABASE_UNAVAILABLE' },
  },
  {
    name: 'a server that failed is asked again',
    cause: new AppError('URL_SERVER_ERROR'),
    expect: { again: true, counts: true, errorCode: 'URL_SERVER_ERROR' },
  },
  {
    name: '… until it has had its attempts',
    cause: new AppError('URL_TIMEOUT'),
    failures: 4,
    expect: { again: false, counts: true, errorCode: 'URL_TIMEOUT' },
  },
  {
    name: 'what is not at its address is not asked for again',
    cause: new AppError('URL_NOT_FOUND'),
    expect: { again: false, counts: true, errorCode: 'URL_NOT_FOUND' },
  },
  {
    name: 'a crash gives the pixels up',
    cause: crash,
    expect: { again: true, counts: true, errorCode: 'DECODER_CRASHED', options: { pixelsGivenUp: true } },
  },
  {
    name: '… whatever failed before',
    cause: crash,
    failures: 3,
    expect: { again: true, counts: true, errorCode: 'DECODER_CRASHED', options: { pixelsGivenUp: true } },
  },
  {
    name: 'a crash without pixels is tried once more',
    cause: crash,
    pixelsWanted: false,
    expect: { again: true, counts: true, errorCode: 'DECODER_CRASHED' },
  },
  {
    name: '… and no more',
    cause: crash,
    failures: 1,
    pixelsWanted: false,
    expect: { again: false, counts: true, errorCode: 'DECODER_CRASHED' },
  },
];

for (const { name, cause, failures = 0, pixelsWanted = true, expect } of CASES) {
  t.test(name, async (t) => {
    const { retryAfterMs, counts, errorCode, options } = afterFailure({ failures }, cause, {
      ...CONFIG,
      pixelsWanted,
    });
    t.same({ again: retryAfterMs !== null, counts, errorCode, options }, { options: undefined, ...expect });
  });
}

t.test(
  'pauses grow with the failures, up to a minute and a half with jitter; outages are asked about soon',
  async (t) => {
    const pause = (cause: unknown, failures: number) =>
      afterFailure({ failures }, cause, { ...CONFIG, maxAttempts: 100 }).retryAfterMs ?? Number.NaN;
    const odd = new Error('odd');
    for (const [failures, least, most] of [
      [0, 500, 1500],
      [1, 2000, 6000],
      [8, 30_000, 90_000],
    ] as const) {
      const ms = pause(odd, failures);
      t.ok(ms >= least && ms <= most, `${failures}: ${ms}`);
    }
    t.ok(pause(new AppError('OBJECT_STORE_UNAVAILABLE'), 9) <= 1500);
  },
);

t.test('a server that asks for a longer pause is given it, up to a quarter of an hour', async (t) => {
  const pause = (retryAfterSeconds: number) =>
    afterFailure({ failures: 0 }, new AppError('URL_SERVER_ERROR', { retryAfterSeconds }), CONFIG)
      .retryAfterMs ?? Number.NaN;
  t.equal(pause(120), 120_000);
  t.equal(pause(86_400), 900_000);
  t.ok(pause(0) >= 500 && pause(0) <= 1500);
});

t.test('what finds no place comes again when it would be its turn, not with every pause', async (t) => {
  const overloaded = new AppError('OVERLOADED', { retryAfterSeconds: 40 });
  t.equal(afterFailure({ failures: 0 }, overloaded, CONFIG).retryAfterMs, 40_000);
});
