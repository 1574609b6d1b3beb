import t from 'tap';
import { presentMetadata } from '../src/schemas/metadata.ts';

const CASES: [string, unknown, string][] = [
  [
    'sections and facts stand as the schema names them',
    { gps: null, image: { pages: 1, width: 2 }, file: { format: 'jpeg', bytes: 1 }, schemaVersion: 1 },
    '{"schemaVersion":1,"file":{"bytes":1,"format":"jpeg"},"image":{"width":2,"pages":1},"gps":null}',
  ],
  [
    'what a later schema added comes last, and nothing is lost',
    { later: [1, { b: 1, a: 2 }], exif: { Make: 'Z', Artist: 'A' }, icc: null },
    '{"icc":null,"exif":{"Make":"Z","Artist":"A"},"later":[1,{"b":1,"a":2}]}',
  ],
  ['null stays null', null, 'null'],
];

for (const [name, stored, expected] of CASES) {
  t.test(name, async (t) => t.equal(JSON.stringify(presentMetadata(stored)), expected));
}
