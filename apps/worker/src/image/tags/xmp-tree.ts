// The RDF of an XMP packet as a tree of elements. Errors of the XML are passed over: what could be read is kept.
import { SaxesParser } from 'saxes';
import { SYNTAX, usualNamespace } from './xmp-namespaces.ts';

export interface XmlName {
  uri: string;
  prefix: string;
  local: string;
}

export interface XmlAttribute extends XmlName {
  value: string;
}

export interface XmlElement extends XmlName {
  attributes: XmlAttribute[];
  children: XmlElement[];
  text: string;
}

export interface XmpTree {
  /** Whether there is a packet, maybe with nothing in it. */
  isPacket: boolean;
  /** rdf:RDF elements. */
  roots: XmlElement[];
  /** The first error that was passed over. */
  error?: string;
  /** The packet is larger or deeper than is read. */
  isLimited: boolean;
}

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 20_000;
const MAX_ATTRIBUTES = 20_000;
const MAX_ERRORS = 100;
/** The parser is slow at CDATA, and needs twenty times the memory for references: hardly a large packet has any. */
const MAX_CHARACTERS_IF_SLOW = 1 << 20;
const MAX_REFERENCES = 20_000;

/** Ends the reading from inside of the parser's callbacks. */
class Stop extends Error {
  override readonly name = 'Stop';
}

export function readTree(text: string): XmpTree {
  const tree: XmpTree = { isPacket: false, roots: [], isLimited: false };
  const isCut =
    text.length > MAX_CHARACTERS_IF_SLOW && (text.includes('<![CDATA[') || hasManyReferences(text));
  tree.isLimited = isCut;
  try {
    parserInto(tree)
      .write(isCut ? text.slice(0, MAX_CHARACTERS_IF_SLOW) : text)
      .close();
  } catch (error) {
    if (!(error instanceof Stop)) tree.error ??= (error as Error).message;
  }
  return tree;
}

function hasManyReferences(text: string): boolean {
  let at = -1;
  for (let count = 0; count < MAX_REFERENCES; count += 1) {
    at = text.indexOf('&', at + 1);
    if (at < 0) return false;
  }
  return true;
}

function parserInto(tree: XmpTree): SaxesParser<{ xmlns: true; fragment: true; position: false }> {
  // As a fragment: packets come in twos and threes. Prefixes that are not declared mean what they usually do.
  const parser = new SaxesParser({
    xmlns: true,
    fragment: true,
    position: false,
    resolvePrefix: usualNamespace,
  });
  const open: (XmlElement | undefined)[] = [];
  const counts = { elements: 0, attributes: 0, errors: 0 };
  const count = (what: keyof typeof counts, limit: number) => {
    counts[what] += 1;
    if (counts[what] <= limit) return;
    tree.isLimited ||= what !== 'errors';
    throw new Stop(what);
  };
  parser.on('error', ({ message }) => {
    tree.error ??= message;
    count('errors', MAX_ERRORS);
  });
  parser.on('attribute', () => count('attributes', MAX_ATTRIBUTES));
  parser.on('opentag', (tag) => {
    count('elements', MAX_ELEMENTS);
    if (open.length === MAX_DEPTH) {
      tree.isLimited = true;
      throw new Stop('depth');
    }
    const { uri, prefix, local } = tag;
    const isRoot = uri === SYNTAX.RDF && local === 'RDF';
    if (isRoot || uri === SYNTAX.XMP_META) tree.isPacket = true;
    const parent = open.at(-1);
    const element: XmlElement = {
      uri,
      prefix,
      local,
      attributes: Object.values(tag.attributes),
      children: [],
      text: '',
    };
    if (isRoot) tree.roots.push(element);
    parent?.children.push(element);
    // Nothing outside of RDF is of interest.
    open.push(isRoot || parent !== undefined ? element : undefined);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  return parser;
}
