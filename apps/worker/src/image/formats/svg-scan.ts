// The root element of an SVG and the texts right below it, by a parser that knows no entities but XML's own and fetches nothing.
import { SaxesParser } from 'saxes';

/** The texts stand near the beginning: so much is read behind the root's tag. */
const TEXT_CHARACTERS = 16_384;
const SLICE_CHARACTERS = 1024;
/** A text with more mistakes is no XML. */
const MAX_ERRORS = 20;
const STOP = new Error('enough was read');

export interface SvgScan {
  root?: { name: string; attributes: Readonly<Record<string, string>>; isSelfClosing: boolean };
  /** Title and description of the whole picture. */
  texts: [string, string][];
  /** The first mistake, without its place. */
  error?: string;
}

/** Elements whose text is taken, and by what keyword. */
const KEYWORDS: Readonly<Record<string, string>> = { title: 'Title', desc: 'Description' };

export function scanSvg(text: string): SvgScan {
  const scan: SvgScan = { texts: [] };
  const parser = new SaxesParser({ xmlns: false, position: false });
  listen(parser, scan);
  let end = text.length;
  try {
    for (let at = 0; at < end; at += SLICE_CHARACTERS) {
      parser.write(text.slice(at, at + SLICE_CHARACTERS));
      if (scan.root !== undefined) end = Math.min(end, at + TEXT_CHARACTERS);
    }
  } catch (error) {
    if (error !== STOP) throw error;
  }
  return scan;
}

function listen(parser: SaxesParser<{ xmlns: false; position: false }>, scan: SvgScan): void {
  let depth = 0;
  let errors = 0;
  let keyword: string | undefined;
  let collected = '';
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    if (depth === 0) scan.root = { name, attributes, isSelfClosing };
    if (depth === 1) keyword = KEYWORDS[localName(name)];
    depth += 1;
  });
  parser.on('closetag', () => {
    depth -= 1;
    if (depth === 0) throw STOP;
    if (depth !== 1 || keyword === undefined) return;
    const found: [string, string] = [keyword, collected.trim()];
    if (found[1] !== '' && !scan.texts.some(([before]) => before === found[0])) scan.texts.push(found);
    keyword = undefined;
    collected = '';
  });
  const collect = (text: string) => {
    if (keyword !== undefined) collected += text;
  };
  parser.on('text', collect);
  parser.on('cdata', collect);
  parser.on('error', ({ message }) => {
    // Entities of the document's own are not known here, and are no mistake.
    if (message === 'undefined entity.') return;
    scan.error ??= message;
    errors += 1;
    if (errors > MAX_ERRORS) throw STOP;
  });
}

export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
