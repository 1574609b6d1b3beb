import t from 'tap';
import { findPolyglot } from '../../src/image/find-polyglot.ts';

const picture = Buffer.alloc(2000, 1);
const zipEnd = (comment = '') => {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, Buffer.from(comment)]);
};
const behind = (text: string) => Buffer.concat([picture, Buffer.from(text, 'latin1')]);

const CASES: [name: string, bytes: Buffer, end: number | undefined, expect: string | undefined][] = [
  ['a picture and nothing else', picture, 2000, undefined],
  ['a ZIP whose directory ends the file', Buffer.concat([picture, zipEnd()]), 2000, 'zip'],
  ['… with a comment', Buffer.concat([picture, zipEnd('hello')]), undefined, 'zip'],
  [
    '… though another mark stands before',
    Buffer.concat([picture, Buffer.from('PK\x05\x06'), zipEnd()]),
    undefined,
    'zip',
  ],
  [
    'a mark of ZIP’s that ends nothing',
    Buffer.concat([picture, Buffer.from('PK\x05\x06'), picture]),
    undefined,
    undefined,
  ],
  [
    'a PDF within the first kilobyte',
    Buffer.concat([picture.subarray(0, 500), Buffer.from('%PDF-1.4'), picture]),
    2508,
    'pdf',
  ],
  ['a PDF further in', Buffer.concat([picture, Buffer.from('%PDF-1.4'), picture]), 4008, undefined],
  ['a script behind the picture', behind('<?php system(1);'), 2000, 'php'],
  ['the same where the end is not known', behind('<?php system(1);'), undefined, undefined],
  ['a program', behind('\x7fELF'), 2000, 'elf'],
  ['a page', behind('\n<html>'), 2000, 'html'],
  ['a film', behind('\0\0\0\x18ftypmp42'), 2000, 'mp4'],
  ['nothing at all', Buffer.alloc(0), 0, undefined],
];

for (const [name, bytes, end, expect] of CASES) {
  t.test(name, async (t) => {
    t.equal(findPolyglot(bytes, end), expect);
  });
}
