import t from 'tap';
import { extensionOf, type FileHint } from '../../src/exiftool/file-extension.ts';

const CASES: [hint: FileHint, extension: string][] = [
  [{ format: 'jpeg' }, 'jpg'],
  [{ format: 'jpeg', extension: 'png' }, 'jpg'],
  [{ format: 'tiff' }, 'tif'],
  [{ format: 'tiff', extension: 'nef' }, 'nef'],
  [{ format: 'tiff', extension: 'sr2' }, 'sr2'],
  [{ format: 'tiff', extension: 'cr3' }, 'tif'],
  [{ format: 'tiff', extension: '-config' }, 'tif'],
  [{ format: 'tiff', extension: '../../etc/passwd' }, 'tif'],
  [{ format: 'nef', extension: 'jpg' }, 'nef'],
];

for (const [hint, extension] of CASES) t.equal(extensionOf(hint), extension, JSON.stringify(hint));
