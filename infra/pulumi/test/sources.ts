// What the sources themselves must not say, and what the documentation must. Knows no resource.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OPTIONS } from '../src/options.ts';

/** Seen from dist/test. */
const INFRA = fileURLToPath(new URL('../..', import.meta.url));
const GUIDE = path.join(INFRA, '../../docs/deploy-aws.md');

/** Where something may stand nonetheless: file → what. */
interface Forbidden {
  what: string;
  pattern: RegExp;
  except?: Record<string, string>;
}

const FORBIDDEN: Forbidden[] = [
  { what: 'an account', pattern: /(?<![\d.])\d{12}(?![\d.])/ },
  {
    what: 'a region',
    pattern:
      /\b(?:us|eu|ap|sa|ca|me|af|il|cn|mx)-(?:gov-|iso\w?-)?(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d\b/,
    except: { 'us-east-1': 'where CloudFront is at home' },
  },
  { what: 'an image of a machine', pattern: /\bami-[0-9a-f]{8}/ },
  { what: 'a partition', pattern: /\barn:aws/ },
  { what: 'an access key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { what: 'a network of AWS’s', pattern: /\b(?:vpc|subnet|sg|rtb|igw|nat)-[0-9a-f]{8,}\b/ },
  { what: 'awsx', pattern: /@pulumi\/awsx/ },
];

export function checkSources(): { files: number; complaints: string[] } {
  const files = readdirSync(path.join(INFRA, 'src')).filter((file) => file.endsWith('.ts'));
  const complaints = files.flatMap((file) =>
    complaintsAbout(file, readFileSync(path.join(INFRA, 'src', file), 'utf8')),
  );
  return { files: files.length, complaints: [...complaints, ...undocumented()] };
}

function complaintsAbout(file: string, text: string): string[] {
  return FORBIDDEN.flatMap(({ what, pattern, except = {} }) =>
    text.split('\n').flatMap((line, index) => {
      const [found] = pattern.exec(line) ?? [];
      return found === undefined || found in except
        ? []
        : [`src/${file}:${index + 1} names ${what}: ${found}`];
    }),
  );
}

/** Every option is in the guide, and the guide knows no other. */
function undocumented(): string[] {
  if (!existsSync(GUIDE)) return ['there is no docs/deploy-aws.md'];
  const guide = readFileSync(GUIDE, 'utf8');
  const rows = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  const names = Object.keys(OPTIONS);
  return [
    ...names
      .filter((name) => !rows.includes(name))
      .map((name) => `docs/deploy-aws.md has no row for ${name}`),
    ...[...guide.matchAll(/pulumi config set (?:--secret )?(\w+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => ![...names, 'profile', 'cdnPrivateKey', 'environment', 'aws'].includes(name))
      .map((name) => `docs/deploy-aws.md sets ${name}, which is no option`),
  ];
}
