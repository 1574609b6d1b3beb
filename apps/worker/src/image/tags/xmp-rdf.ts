// From RDF in XML to names and values: texts, lists, structures (ISO 16684-1, clause 7 and Annex C).
import { MAX_TEXT_CHARACTERS, type Truncated, truncated } from '../truncated.ts';
import { SYNTAX, usualName } from './xmp-namespaces.ts';
import type { XmlAttribute, XmlElement, XmlName } from './xmp-tree.ts';

export type XmpValue = string | Truncated | XmpValue[] | { [name: string]: XmpValue };

export type XmpProperties = Map<string, XmpValue>;

/** How much more is read. */
export interface Budget {
  /** Properties, items and fields. */
  values: number;
  /** Of all texts together. */
  characters: number;
}

const MAX_NAME_CHARACTERS = 256;

/** Properties of all descriptions below rdf:RDF. What is there already stays. */
export function readDescriptions(root: XmlElement, into: XmpProperties, budget: Budget): void {
  for (const description of root.children) addFields(description, into, budget);
}

/** Properties stand as attributes and as elements, both with the same meaning. */
function addFields({ attributes, children }: XmlElement, into: XmpProperties, budget: Budget): void {
  for (const attribute of attributes) {
    if (isProperty(attribute)) add(attribute, () => textOf(attribute.value, budget), into, budget);
  }
  for (const child of children) {
    if (isProperty(child)) add(child, () => valueIn(child, budget), into, budget);
  }
}

function add(
  { uri, prefix, local }: XmlName,
  value: () => XmpValue,
  into: XmpProperties,
  budget: Budget,
): void {
  if (budget.values <= 0) return;
  budget.values -= 1;
  const name = usualName(uri, prefix, local);
  if (name.length <= MAX_NAME_CHARACTERS && !into.has(name)) into.set(name, value());
}

/** Not a part of the syntax. Attributes without a prefix are no properties, but rdf:about and its like written the old way. */
function isProperty({ uri }: XmlName): boolean {
  return uri !== '' && uri !== SYNTAX.RDF && uri !== SYNTAX.XML && uri !== SYNTAX.XMLNS;
}

function isRdf({ uri, local }: XmlName, name: string): boolean {
  return uri === SYNTAX.RDF && local === name;
}

function rdfAttribute(attributes: readonly XmlAttribute[], name: string): string | undefined {
  return attributes.find((attribute) => isRdf(attribute, name))?.value;
}

/** The tree is no deeper than 64, so that this is not, either. */
function valueIn(element: XmlElement, budget: Budget): XmpValue {
  const { attributes, children, text } = element;
  const resource = rdfAttribute(attributes, 'resource');
  if (resource !== undefined) return textOf(resource, budget);
  const list = children.find(isList);
  if (list !== undefined) return listOf(list, budget);
  const description = children.find((child) => isRdf(child, 'Description'));
  if (description !== undefined) return structureOf(description, budget);
  const isStructure = children.length > 0 || attributes.some(isProperty) || isQualified(element);
  return isStructure ? structureOf(element, budget) : textOf(text, budget);
}

function isList(element: XmlElement): boolean {
  return isRdf(element, 'Bag') || isRdf(element, 'Seq') || isRdf(element, 'Alt');
}

function isQualified({ attributes, children }: XmlElement): boolean {
  return [...attributes, ...children].some((each) => isRdf(each, 'value'));
}

/** rdf:value is the value, and what stands beside it are qualifiers, which are left out (7.8). */
function structureOf(element: XmlElement, budget: Budget): XmpValue {
  const value = element.children.find((child) => isRdf(child, 'value'));
  if (value !== undefined) return valueIn(value, budget);
  const attribute = rdfAttribute(element.attributes, 'value');
  if (attribute !== undefined) return textOf(attribute, budget);
  const fields: XmpProperties = new Map();
  addFields(element, fields, budget);
  return Object.fromEntries(fields);
}

/** Alternatives by language become a text, or texts by language with the default first (8.2.2.4). */
function listOf(list: XmlElement, budget: Budget): XmpValue {
  const items = list.children.filter(({ uri }) => uri === SYNTAX.RDF).slice(0, Math.max(0, budget.values));
  budget.values -= items.length;
  const values = items.map((item) => ({ language: languageOf(item), value: valueIn(item, budget) }));
  const isByLanguage = isRdf(list, 'Alt') && values.some(({ language }) => language !== undefined);
  if (!isByLanguage) return values.map(({ value }) => value);
  const byLanguage: XmpProperties = new Map();
  for (const { language = DEFAULT_LANGUAGE, value } of values.sort(byDefaultFirst)) {
    if (language.length <= MAX_NAME_CHARACTERS && !byLanguage.has(language)) byLanguage.set(language, value);
  }
  const [only, ...others] = byLanguage.values();
  return only === undefined || others.length > 0 ? Object.fromEntries(byLanguage) : only;
}

const DEFAULT_LANGUAGE = 'x-default';

interface Alternative {
  language: string | undefined;
}

function byDefaultFirst(left: Alternative, right: Alternative): number {
  return Number(right.language === DEFAULT_LANGUAGE) - Number(left.language === DEFAULT_LANGUAGE);
}

function languageOf({ attributes }: XmlElement): string | undefined {
  return attributes.find(({ uri, local }) => uri === SYNTAX.XML && local === 'lang')?.value;
}

function textOf(value: string, budget: Budget): string | Truncated {
  const text = value.trim();
  const { length } = text;
  if (length > MAX_TEXT_CHARACTERS || length > budget.characters) return truncated(length);
  budget.characters -= length;
  return text.normalize();
}
