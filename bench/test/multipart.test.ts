// Uploads encoded once and stamped one by one.
import t from 'tap';
import { encodeUpload, multipartType, stampText, stampUpload } from '../src/multipart.ts';

t.test('a stamped upload differs in its digits alone', async (t) => {
  const image = Buffer.from(`\xff\xd8${stampText}\xff\xd9`, 'latin1');
  const body = encodeUpload(image, 'image', 'a.jpg');
  const [one, two] = [stampUpload(body), stampUpload(body)];
  t.equal(one.length, body.bytes.length);
  t.notSame(one, two);
  t.match(two.toString('latin1'), /\xff\xd8TINTYPE-BENCH-\d{12}\xff\xd9/);
  t.ok(body.bytes.includes(stampText), 'the body itself stays as it was');
});

t.test('an image without a stamp is sent as it is', async (t) => {
  const body = encodeUpload(Buffer.from('plain'), 'image', 'a.jpg');
  t.equal(stampUpload(body), body.bytes);
});

t.test('the body can be read back as a form', async (t) => {
  const body = encodeUpload(Buffer.from('plain'), 'image', 'a.jpg');
  const form = await new Response(body.bytes, { headers: { 'content-type': multipartType } }).formData();
  const part = form.get('image');
  t.ok(part instanceof File);
  if (part instanceof File) t.equal(await part.text(), 'plain');
});
