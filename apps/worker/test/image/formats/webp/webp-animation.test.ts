import t from 'tap';
import { NONE } from '../byte-builder.ts';
import {
  anim,
  anmf,
  LOSSLESS,
  LOSSY,
  MOVING,
  OPAQUE,
  read,
  riff,
  vp8,
  vp8l,
  vp8x,
  WITH_ALPHA,
} from './webp-builder.ts';

t.test('an animation', (t) => {
  const header = read(MOVING);
  t.match(header, {
    image: { storedWidth: 6, storedHeight: 4, pages: 3, ...WITH_ALPHA },
    ...LOSSY,
    warnings: NONE,
  });
  t.same(header.animation, {
    frames: 3,
    loopCount: 3,
    durationMs: 74575,
    playedDurationMs: 74765,
    delaysMs: [74565, 10, 0],
    disposal: ['background', 'none'],
  });
  t.equal(header.color.background, '#33221144');
  t.end();
});

const ANIMATIONS: [name: string, frames: Buffer[], expected: object][] = [
  ['lossless', [anmf(1, 0, vp8l()), anmf(1, 0, vp8l())], { ...LOSSLESS, image: OPAQUE }],
  [
    'alpha in a frame alone',
    [anmf(1, 0, vp8l(1))],
    { ...LOSSLESS, image: WITH_ALPHA, animation: { frames: 1 } },
  ],
  [
    'mixed',
    [anmf(1, 0, vp8l()), anmf(1, 0, vp8())],
    {
      encoding: { codec: 'webp', process: 'mixed', chromaSubsampling: undefined },
      compression: { method: 'webp', lossless: false },
      color: { model: undefined },
    },
  ],
  [
    'a frame without pixels',
    [anmf(7, 0)],
    { animation: { frames: 1, durationMs: 7 }, encoding: { codec: undefined } },
  ],
  ['no frame', [], { animation: undefined, image: { pages: 0 } }],
];

t.test('codings of frames', (t) => {
  for (const [name, frames, expected] of ANIMATIONS)
    t.match(read(riff(vp8x(0x02), anim(0), ...frames)), expected, name);
  t.end();
});

t.test('thousands of frames', (t) => {
  const frames = read(riff(vp8x(2), anim(0), ...Array.from({ length: 2000 }, () => anmf(20, 0, vp8()))));
  t.match(frames, { warnings: NONE, end: Number, animation: { frames: 2000, durationMs: 40_000 } });
  t.equal(frames.animation?.delaysMs?.length, 1000);
  t.end();
});
