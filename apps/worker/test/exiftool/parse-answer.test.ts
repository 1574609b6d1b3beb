import t from 'tap';
import { parseAnswer } from '../../src/exiftool/parse-answer.ts';

t.same(parseAnswer('[{"File:FileType": "JPEG"}]\n', '13.59'), {
  tags: { 'File:FileType': 'JPEG' },
  version: '13.59',
});
for (const text of ['', 'Error: File not found', '[', '[]', '[null]', '[[]]', '["a"]', '{}', 'null', '1']) {
  t.same(parseAnswer(text, '13.59'), { failed: 'unintelligible' }, text);
}
