import sharp from 'sharp';
import t from 'tap';
import { NONE } from '../byte-builder.ts';
import {
  application,
  comment,
  control,
  frame,
  gif,
  loop,
  read,
  screen,
  subBlocks,
  TRAILER,
} from './gif-builder.ts';

const file = (...parts: Buffer[]) => Buffer.concat([...parts, TRAILER]);

const PICTURES: [name: string, file: Buffer, expected: object][] = [
  [
    'with a global palette',
    gif(frame()),
    {
      image: { bitDepth: 2, hasAlpha: false },
      color: { palette: { size: 4 }, background: '#01bbcc' },
      encoding: { process: '89a', interlaced: false },
      formatVersion: '89a',
    },
  ],
  [
    'of 1987',
    file(screen({ version: '87a' }), frame()),
    { encoding: { process: '87a' }, formatVersion: '87a' },
  ],
  [
    'interlaced, with a palette of its own',
    file(screen({ bits: 0 }), frame({ bits: 3, interlaced: true })),
    {
      image: { bitDepth: 3 },
      color: { palette: { size: 8 }, background: undefined },
      encoding: { interlaced: true, progressive: true },
    },
  ],
  [
    'the larger palette of two',
    gif(frame({ bits: 8 })),
    { image: { bitDepth: 8 }, color: { palette: { size: 256 }, background: '#01bbcc' } },
  ],
  [
    'the larger palette of two, the first',
    gif(frame({ bits: 1 })),
    { image: { bitDepth: 2 }, color: { palette: { size: 4 } } },
  ],
  [
    'without any palette',
    file(screen({ bits: 0 }), frame({ codeBits: 7 })),
    { image: { bitDepth: 7 }, color: { palette: undefined } },
  ],
  [
    'a background outside of the palette',
    file(screen({ background: 9 }), frame()),
    { color: { background: undefined } },
  ],
  ['transparent', gif(control(0, { transparent: true }), frame()), { image: { hasAlpha: true } }],
  [
    'transparent, said of a text',
    gif(control(0, { transparent: true }), Buffer.from([0x21, 1, 0]), frame()),
    { image: { hasAlpha: false } },
  ],
  ['with blocks that end twice', gif(frame(), Buffer.alloc(3), comment('x')), { image: { pages: 1 } }],
  ['with a loop for its one frame', gif(loop(3), control(7), frame()), { animation: undefined }],
];

t.test('the logical screen and the first frame', (t) => {
  for (const [name, bytes, expected] of PICTURES) {
    const header = read(bytes);
    t.match(header, { image: { storedWidth: 300, storedHeight: 200, channels: 1, pages: 1 } }, name);
    t.match(
      header,
      { compression: { method: 'lzw', lossless: true }, color: { model: 'indexed' }, warnings: NONE },
      name,
    );
    t.equal(header.end, bytes.length, name);
    t.match(header, expected, name);
  }
  t.end();
});

t.test('an encoder’s own file', async (t) => {
  const plain = sharp({ create: { width: 31, height: 17, channels: 3, background: '#369' } });
  const bytes = await plain.gif().toBuffer();
  const header = read(Buffer.concat([bytes, Buffer.from('trailing')]));
  t.match(header, {
    image: { storedWidth: 31, storedHeight: 17, pages: 1 },
    end: bytes.length,
    warnings: NONE,
  });
});

t.test('an animation', (t) => {
  const frames = [
    control(100, { disposal: 2 }),
    frame(),
    control(1, { disposal: 1 }),
    frame(),
    frame(),
    control(2, { disposal: 3 }),
    frame(),
  ];
  const header = read(gif(...frames));
  t.equal(header.image.pages, 4);
  t.same(header.animation, {
    frames: 4,
    loopCount: 1,
    durationMs: 1030,
    playedDurationMs: 1220,
    delaysMs: [1000, 10, 0, 20],
    disposal: ['background', 'none', 'previous'],
  });
  t.end();
});

const LOOPS: [name: string, blocks: Buffer[], plays: number][] = [
  ['for ever', [loop(0)], 0],
  ['twice again', [loop(2)], 3],
  ['another name', [loop(300, 'ANIMEXTS1.0')], 301],
  ['the last of several', [loop(0), loop(4)], 5],
  ['a size of buffers', [application('NETSCAPE2.0', subBlocks([2, 0, 0, 0, 0]))], 1],
  ['a short block', [application('NETSCAPE2.0', subBlocks([1]))], 1],
  ['somebody else’s', [loop(4, 'SOMETHING12')], 1],
];

t.test('how often it plays', (t) => {
  for (const [name, blocks, plays] of LOOPS) {
    const header = read(gif(...blocks, frame(), frame()));
    t.equal(header.animation?.loopCount, plays, name);
    t.match(header.warnings, NONE, name);
  }
  t.end();
});

const XMP = '<?xpacket begin=""?><x:xmpmeta/>'.repeat(20);
const MAGIC = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
const LONG = 'a profile of more than one block '.repeat(20);

const BLOCKS: [name: string, blocks: Buffer[], expected: object][] = [
  [
    'raw XMP',
    [application('XMP DataXMP', Buffer.concat([Buffer.from(XMP), MAGIC]))],
    { xmp: [Buffer.from(XMP)] },
  ],
  ['XMP in sub-blocks', [application('XMP DataXMP', subBlocks(XMP))], { xmp: [Buffer.from(XMP)] }],
  [
    'ICC',
    [application('ICCRGBG1012', subBlocks(LONG)), application('ICCRGBG1012', subBlocks('two'))],
    { icc: Buffer.from(LONG) },
  ],
  ['IPTC', [application('MGKIPTC0000', subBlocks(LONG))], { iptc: Buffer.from(LONG) }],
  ['8BIM', [application('MGK8BIM0000', subBlocks(LONG))], { photoshop: Buffer.from(LONG) }],
  ['C2PA', [application('C2PA_GIF\x01\0\0', subBlocks(LONG))], { c2pa: Buffer.from(LONG) }],
  [
    'comments',
    [comment(LONG, 7), comment(Buffer.from('Größe')), comment('Gr\xf6\xdfe'), comment('')],
    {
      texts: [
        ['Comment', LONG],
        ['Comment', 'Größe'],
        ['Comment', 'Größe'],
      ],
    },
  ],
  [
    'an unknown extension',
    [application('SOMETHING12', subBlocks(LONG)), Buffer.from([0x21, 0x77, 2, 1, 1, 0])],
    {},
  ],
  [
    'an application without name',
    [Buffer.from([0x21, 0xff, 3, 1, 2, 3, 0]), Buffer.from([0x21, 0xff, 0])],
    {},
  ],
];

t.test('blocks of tags', (t) => {
  for (const [name, blocks, expected] of BLOCKS) {
    const header = read(gif(...blocks, frame()));
    t.same(header.blocks, expected, name);
    t.match(header, { warnings: NONE, image: { pages: 1 }, end: Number }, name);
  }
  t.end();
});

t.test('every beginning of a file keeps what it has', (t) => {
  const bytes = gif(
    loop(1),
    comment('x'),
    control(5, { transparent: true }),
    frame(),
    control(5),
    frame({ bits: 1 }),
  );
  for (let length = 6; length < bytes.length; length += 1) {
    const header = read(bytes.subarray(0, length));
    if (header.truncated !== true || header.end !== undefined) t.fail(`cut at ${length}`);
    if (length >= 10 && header.image.storedWidth !== 300) t.fail(`size lost at ${length}`);
    if (header.animation?.durationMs !== undefined) t.fail(`a sum of some at ${length}`);
  }
  t.match(read(bytes.subarray(0, -1)), {
    image: { pages: 2, hasAlpha: true },
    animation: { frames: 2, loopCount: 2, delaysMs: [50, 50] },
  });
  t.match(read(screen()), { truncated: true, image: { pages: undefined, hasAlpha: undefined, bitDepth: 2 } });
  t.end();
});

t.test('no changed byte leads anywhere', (t) => {
  const raw = application('XMP DataXMP', Buffer.concat([Buffer.from(XMP.slice(0, 40)), MAGIC]));
  const bytes = gif(
    loop(1),
    comment('x'),
    raw,
    application('ICCRGBG1012', subBlocks('icc')),
    control(5),
    frame({ bits: 1 }),
    frame(),
  );
  for (let at = 6; at < bytes.length; at += 1) {
    for (const value of [0, 1, 0x21, 0xff]) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      read(changed);
    }
  }
  t.pass();
  t.end();
});

t.test('what breaks the rules is said', (t) => {
  const garbage = read(gif(frame(), Buffer.from('garbage')));
  t.match(garbage, {
    warnings: { length: 1, 0: { code: 'HEADER_MALFORMED' } },
    image: { pages: 1 },
    end: undefined,
  });
  t.match(read(file(screen({ width: 0 }), frame())).warnings, [{ field: 'image' }]);
  t.match(read(gif()), { image: { pages: 0, hasAlpha: undefined }, animation: undefined, end: Number });
  t.match(
    read(gif(Buffer.from([0x21, 0xf9, 1, 1, 0]), frame())),
    { image: { hasAlpha: false } },
    'a short control',
  );
  t.end();
});

t.test('hostile files end at a limit', (t) => {
  const many = (count: number, one: Buffer) => Array.from({ length: count }, () => one);
  const limited = {
    warnings: { length: 1, 0: { code: 'WALK_LIMIT' } },
    end: undefined,
    truncated: undefined,
  };
  t.match(read(gif(frame(), ...many(1500, comment('')))), { ...limited, image: { pages: 1 } });
  t.match(read(gif(...many(1500, control(1)))), limited, 'controls of nothing');
  t.match(read(gif(...many(10_001, frame()))), {
    ...limited,
    image: { pages: 10_000 },
    animation: { durationMs: undefined },
  });

  const long = read(gif(...many(2000, Buffer.concat([control(5), frame()]))));
  t.match(long, { warnings: NONE, end: Number, animation: { frames: 2000, durationMs: 100_000 } });
  t.equal(long.animation?.delaysMs?.length, 1000);

  const texts = read(gif(...many(300, comment('x'))));
  t.equal(texts.blocks.texts?.length, 200);
  const big = Buffer.alloc(1_100_000, 'x');
  for (const block of [
    comment(big),
    application('ICCRGBG1012', subBlocks(big)),
    application('XMP DataXMP', subBlocks(big)),
  ]) {
    t.match(read(gif(block, frame())), {
      warnings: { length: 1, 0: { code: 'TEXT_LIMIT' } },
      image: { pages: 1 },
      end: Number,
    });
  }
  t.end();
});
