// SVG, read and never drawn: the root element, title and description, a packet of metadata, and whether the root is closed
// (Scalable Vector Graphics 2; XML 1.0).
import { type Bytes, bufferOf } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';
import { localName, type SvgScan, scanSvg } from './svg-scan.ts';
import { sizeOf } from './svg-size.ts';

/** Root and metadata are looked for this far. */
const PREFIX_BYTES = 1_048_576;
/** Where nothing but the version stands in an attribute, it is short. */
const MAX_NAME_CHARACTERS = 32;

export const readSvg: HeaderReader = (bytes, header) => {
  const encoding = encodingOf(bytes);
  const text = decode(bytes.upTo(0, PREFIX_BYTES), encoding);
  const scan = scanSvg(text);
  const { root } = scan;
  if (root === undefined) {
    if (scan.error !== undefined)
      header.warnings.push(malformed(`The XML is not well-formed: ${scan.error}`));
    if (bytes.length > PREFIX_BYTES) header.warnings.push(walkLimit('bytes before its root element'));
    else header.truncated = true;
    return;
  }
  if (localName(root.name) !== 'svg') {
    header.warnings.push(malformed('The root element is no svg.'));
    return;
  }
  describeRoot(root, scan, header);
  const packet = findPacket(text, root.attributes);
  if (packet !== undefined) header.blocks.xmp = [Buffer.from(packet)];
  if (!encoding.startsWith('utf-16')) describeEnd(bytes, root, text, header);
};

/** By the byte order mark, else by the declaration, else UTF-8 (XML 1.0, F). */
function encodingOf(bytes: Bytes): string {
  if (bytes.is('\xff\xfe')) return 'utf-16le';
  if (bytes.is('\xfe\xff')) return 'utf-16be';
  if (bytes.is('\xef\xbb\xbf')) return 'utf-8';
  const declaration = bytes.latin1(0, Math.min(bytes.length, 256));
  return (
    /^\s*<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,32})["']/
      .exec(declaration)?.[1]
      ?.toLowerCase() ?? 'utf-8'
  );
}

/** As UTF-8 where the encoding is not known: the names and numbers of the root are ASCII anyway. */
function decode(text: Uint8Array, encoding: string): string {
  // A declaration of UTF-16 that can be read as ASCII is not true.
  if (encoding !== 'utf-8' && encoding !== 'utf-16') {
    try {
      return new TextDecoder(encoding).decode(text);
    } catch {
      // No encoding has that name.
    }
  }
  return bufferOf(text).toString('utf8');
}

function describeRoot(root: NonNullable<SvgScan['root']>, { texts, error }: SvgScan, header: Header): void {
  const { width, height } = sizeOf(root.attributes);
  if (width !== undefined) header.image.storedWidth = width;
  if (height !== undefined) header.image.storedHeight = height;
  const { version, baseProfile } = root.attributes;
  if (isName(version)) header.formatVersion = version;
  if (isName(baseProfile)) header.encoding.profile = baseProfile;
  if (texts.length > 0) header.blocks.texts = texts;
  if (error !== undefined) header.warnings.push(malformed(`The XML is not well-formed: ${error}`));
}

function isName(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value.length <= MAX_NAME_CHARACTERS;
}

/**
 * An XMP packet, or the bare RDF that drawing programs write into `metadata` (ISO 16684-1, 7.3: x:xmpmeta may be left out), with the
 * namespaces that stand at the root.
 */
function findPacket(text: string, attributes: Readonly<Record<string, string>>): string | undefined {
  const packet = between(text, '<x:xmpmeta', '</x:xmpmeta>');
  if (packet !== undefined) return packet;
  const rdf = between(text, '<rdf:RDF', '</rdf:RDF>');
  if (rdf === undefined) return undefined;
  const namespaces = Object.entries(attributes).filter(
    ([name, value]) => name.startsWith('xmlns:') && !/["<&]/.test(value),
  );
  const declared = namespaces
    .filter(([name]) => name !== 'xmlns:x')
    .map(([name, value]) => ` ${name}="${value}"`);
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"${declared.join('')}>${rdf}</x:xmpmeta>`;
}

/** Both marks included. */
function between(text: string, first: string, last: string): string | undefined {
  const begin = text.indexOf(first);
  const end = begin < 0 ? -1 : text.indexOf(last, begin);
  return end < 0 ? undefined : text.slice(begin, end + last.length);
}

/** Behind the root's last tag there may be comments, instructions and blanks (XML 1.0, 2.1). */
function describeEnd(bytes: Bytes, root: NonNullable<SvgScan['root']>, text: string, header: Header): void {
  const file = bufferOf(bytes.all);
  if (root.isSelfClosing) {
    if (text.trimEnd().endsWith('/>') && bytes.length <= PREFIX_BYTES) header.end = bytes.length;
    return;
  }
  const close = file.lastIndexOf(`</${root.name}`, undefined, 'utf8');
  const end = close < 0 ? -1 : file.indexOf('>', close);
  if (end < 0) header.truncated = true;
  else header.end = skipMisc(file, end + 1);
}

function skipMisc(file: Buffer, from: number): number {
  let at = from;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    while (at < file.length && [0x09, 0x0a, 0x0d, 0x20].includes(file[at] ?? 0)) at += 1;
    const close =
      file.toString('latin1', at, at + 4) === '<!--'
        ? '-->'
        : file.toString('latin1', at, at + 2) === '<?'
          ? '?>'
          : '';
    const end = close === '' ? -1 : file.indexOf(close, at + 2);
    if (end < 0) return at;
    at = end + close.length;
  }
  return at;
}
