import t from 'tap';
import { messages, NONE } from '../byte-builder.ts';
import { actl, fctl, fdat, idat, iend, ihdr, png, read } from './png-builder.ts';

t.test('an animation', (t) => {
  const inside = read(
    png(
      ihdr({ type: 6 }),
      actl(3, 2),
      fctl(1, 0, 2),
      idat,
      fctl(1, 4),
      fdat,
      fctl(0, 100, 1),
      fdat,
      fdat,
      iend,
    ),
  );
  t.equal(inside.mimeType, 'image/apng');
  t.equal(inside.image.pages, 3);
  t.same(inside.animation, {
    frames: 3,
    loopCount: 2,
    durationMs: 260,
    playedDurationMs: 450,
    delaysMs: [10, 250, 0],
    disposal: ['previous', 'none', 'background'],
  });
  t.same(inside.warnings, []);

  const apart = read(png(ihdr(), actl(1, 0), idat, fctl(1, 3), fdat, iend));
  t.match(apart.animation, { frames: 1, loopCount: 0, durationMs: 333.333 }, 'the first picture is no frame');
  t.equal(apart.image.hasAlpha, false);
  t.end();
});

t.test('an animation that breaks the rules', (t) => {
  const late = read(png(ihdr(), idat, actl(2, 0), fctl(1, 2), fdat, iend));
  t.equal(late.animation, undefined, 'acTL behind the pixels');
  t.match(messages(late), /acTL stands behind/);
  for (const frames of [0, 0x80000001]) {
    const none = read(png(ihdr(), actl(frames, 0), fctl(1, 2), idat, iend));
    t.equal(none.animation, undefined, `${frames} frames`);
    t.equal(none.image.pages, 1);
    t.equal(none.mimeType, undefined);
  }
  const fewer = read(png(ihdr(), actl(9, 0), fctl(1, 2), idat, iend));
  t.same(fewer.animation, { frames: 9, loopCount: 0, delaysMs: [500], disposal: ['none'] }, 'no sum of some');
  const more = read(png(ihdr(), actl(1, 0), actl(7, 7), fctl(1, 2), idat, fctl(1, 2), fdat, iend));
  t.match(
    more.animation,
    { frames: 1, loopCount: 0, durationMs: 500 },
    'the first acTL, and what it declares',
  );
  t.match(messages(more), /more frames/);
  t.end();
});

t.test('thousands of frames', (t) => {
  const frames = read(
    png(ihdr(), actl(2000, 0), idat, ...Array.from({ length: 2000 }, () => fctl(1, 10)), iend),
  );
  t.match(frames, { warnings: NONE, end: Number, animation: { frames: 2000, durationMs: 200_000 } });
  t.equal(frames.animation?.delaysMs?.length, 1000);
  t.match(read(png(ihdr(), idat, Buffer.concat(Array.from({ length: 10_001 }, () => fctl(1, 10))), iend)), {
    warnings: [{ code: 'WALK_LIMIT' }],
  });
  t.end();
});
