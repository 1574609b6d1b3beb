// Where a picture says it comes from: Content Credentials, digital source type, programs that paint from prompts.
import type { Metadata } from '@tintype/core/contract';
import type { Header } from './header.ts';
import { known } from './known.ts';
import type { TagReading } from './read-tags.ts';

/** Names that generators write where a program's name belongs. In titles and comments people may write the same words. */
const GENERATORS: readonly [pattern: RegExp, name: string][] = [
  [/midjourney/i, 'Midjourney'],
  [/dall[-·•\s]?e|openai|chatgpt|gpt-4o/i, 'OpenAI'],
  [/adobe firefly/i, 'Adobe Firefly'],
  [/novelai/i, 'NovelAI'],
  [/comfyui/i, 'ComfyUI'],
  [/invokeai/i, 'InvokeAI'],
  [/stable ?diffusion|automatic1111/i, 'Stable Diffusion'],
  [/made with google ai|\bimagen ?\d|google gemini|gemini \d/i, 'Google AI'],
  [/bing image creator|microsoft designer/i, 'Microsoft Designer'],
  [/leonardo\.ai/i, 'Leonardo.Ai'],
  [/ideogram/i, 'Ideogram'],
  [/\bgrok\b|\bxai\b/i, 'xAI'],
];

/** Keywords of PNG texts that only a generator writes, and the shape of what they hold. */
const KEYWORDS: readonly [keyword: RegExp, value: RegExp, name: string][] = [
  [/^parameters$/i, /\bsteps: *\d/i, 'Stable Diffusion'],
  [/^(prompt|workflow)$/, /"(class_type|nodes)"/, 'ComfyUI'],
  [/^(sd-metadata|invokeai_metadata|dream)$/i, /./s, 'InvokeAI'],
  [/^description$/i, /\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-/i, 'Midjourney'],
];

/** Keywords of PNG texts, and of other formats' notes, that name a program. */
const PROGRAM_KEYWORD = /^(software|source|creator|generator|author)$/i;

/** No longer text names a program. */
const MAX_NAME_CHARACTERS = 300;

export function describeProvenance({ blocks }: Header, { exif, xmp }: TagReading): Metadata['provenance'] {
  const texts = blocks.texts ?? [];
  const programs = texts.flatMap(([keyword, value]) => (PROGRAM_KEYWORD.test(keyword) ? [value] : []));
  const credit = xmp.xmp?.tags['photoshop:Credit'];
  const generator =
    byName([exif.exif?.software, xmp.xmp?.creatorTool, credit, ...programs]) ?? byKeyword(texts);
  return known({
    c2pa: blocks.c2pa !== undefined || xmp.c2pa === true,
    c2paBytes: blocks.c2pa?.length,
    digitalSourceType: xmp.digitalSourceType,
    generator,
  });
}

function byName(texts: readonly unknown[]): string | undefined {
  for (const text of texts) {
    if (typeof text !== 'string' || text.length > MAX_NAME_CHARACTERS) continue;
    const found = GENERATORS.find(([pattern]) => pattern.test(text));
    if (found !== undefined) return found[1];
  }
  return undefined;
}

function byKeyword(texts: readonly [string, string][]): string | undefined {
  for (const [keyword, value] of texts) {
    const found = KEYWORDS.find(([name, shape]) => name.test(keyword) && shape.test(value.slice(0, 4096)));
    if (found !== undefined) return found[2];
  }
  return undefined;
}
